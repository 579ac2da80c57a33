import { runSiteProcess } from "../controllers";
import { startWriter } from "./writer";

runSiteProcess(startWriter);
