import { bsd } from "./drivers/bsd.js";
import { contract } from "./suite.js";

contract(bsd);
