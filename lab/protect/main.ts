import { runSiteProcess } from "../controllers";
import { startProtect } from "./protect";

runSiteProcess((site) => startProtect(site));
