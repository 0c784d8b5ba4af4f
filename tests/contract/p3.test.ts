import { p3 } from "./drivers/p3.js";
import { contract } from "./suite.js";

contract(p3);
