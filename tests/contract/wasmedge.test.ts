import { wasmedge1, wasmedge2 } from "./drivers/wasmedge.js";
import { contract } from "./suite.js";

contract(wasmedge1);
contract(wasmedge2);
