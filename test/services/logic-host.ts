import { readEnum } from "../../scripts/syscalls/model.ts";
import { loadNative, type NativeLibrary, slice } from "../native.ts";

/** The services' decisions, called from tests. */

export const LOAD_STATES = names("services/module-manager/loadState.ts", "LoadState");
export const LOAD_EVENTS = names("services/module-manager/loadState.ts", "LoadEvent");
export const LOAD_ACTIONS = names("services/module-manager/loadState.ts", "LoadAction");
export const STATUSES = names("protocol/status.ts", "LoadStatus");
export const WISHES = names("services/module-manager/admission.ts", "Wish");
export const DIRECTORY_STATUSES = names("protocol/directory.ts", "DirectoryStatus");
export const STAGES = names("protocol/receipt.ts", "LoadStage");

function names(file: string, name: string): string[] {
  return readEnum(file, name).map((member) => member.name);
}

export async function loadLogic(folder: string): Promise<NativeLibrary> {
  return await loadNative(folder, ["test/services/logic-entries.kts.ts"]);
}

export function text(value: string): { data: Uint8Array; length: number } {
  return slice(Buffer.from(value));
}
