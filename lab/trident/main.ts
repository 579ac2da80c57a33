import { runSiteProcess } from "../controllers";
import { startTrident } from "./trident";

runSiteProcess(startTrident);
