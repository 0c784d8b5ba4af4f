import { wamr } from "./drivers/wamr.js";
import { contract } from "./suite.js";

contract(wamr);
