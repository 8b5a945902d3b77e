import { exit } from "../../user/exit";
import { openLog } from "../../user/log";
import { openParameters, parameter } from "../../user/parameters";
import { conclude, report } from "./attempt";
import { doDeed } from "./faults";
import { KERNEL_ATTEMPTS, kernelAttempts } from "./kernelAttempts";
import { closeServiceAttempts, openServiceAttempts, SERVICE_ATTEMPTS, serviceAttempts } from "./serviceAttempts";
import { LOG } from "./slots";

/**
 * A module that tries all that docs/threat-model.md forbids to one, and says of each attempt whether it was refused. Its exit
 * code is the number of those that were let through. With `--param try=NAME` it does the one deed of this name of which a
 * process dies (faults.ts): then it has to end by a fault.
 */

/** There is no such deed; it has done one, and lives. */
const EXIT_UNKNOWN = 255n;
const EXIT_ALIVE = 1n;

/** @entry program_start */
export function main(_info: u64): void {
  openLog(LOG);
  openParameters();
  const deed = parameter("try");
  if (deed.length > 0) exit(doDeed(deed) ? EXIT_ALIVE : EXIT_UNKNOWN);
  openServiceAttempts();
  for (let i: u32 = 0; i < SERVICE_ATTEMPTS; i++) report(serviceAttempts[i].name, serviceAttempts[i].run());
  closeServiceAttempts();
  for (let i: u32 = 0; i < KERNEL_ATTEMPTS; i++) report(kernelAttempts[i].name, kernelAttempts[i].run());
  exit(u64(conclude()));
}
