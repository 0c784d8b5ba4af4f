import { preview1 } from "./drivers/preview1.js";
import { contract } from "./suite.js";

contract(preview1);
