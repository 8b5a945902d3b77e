import { accessSync, constants, readFileSync } from "node:fs";
import { ARCHITECTURES, type Arch } from "./architecture.ts";

/** Why KVM cannot run a machine of this architecture here; null when it can. */
export function whyNoKvm(arch: Arch): string | null {
  if (process.arch !== ARCHITECTURES[arch].hostName) {
    return `KVM runs only the host's own architecture, and this host is ${process.arch}`;
  }
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EACCES";
    return isThere ? "/dev/kvm is not yours to open: join the group kvm" : "there is no /dev/kvm: KVM is not loaded";
  }
  if (arch === "x86_64" && !/^flags\s*:.* (?:vmx|svm)( |$)/m.test(readFileSync("/proc/cpuinfo", "utf8"))) {
    return "this CPU shows neither VMX nor SVM, so that KVM would emulate kernel code and stop at instructions it lacks";
  }
  return null;
}
