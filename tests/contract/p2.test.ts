import { p2 } from "./drivers/p2.js";
import { contract } from "./suite.js";

contract(p2);
