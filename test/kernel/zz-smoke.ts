import { buildHostKernel } from "/work/wt-fuzz/test/kernel/build.ts";
process.chdir("/work/wt-fuzz");
try {
for (const arch of ["x86_64","aarch64"] as const) {
const p = await buildHostKernel({arch, entries:["test/kernel/smoke.kts.ts"], sanitize:true, isFuzzer:false, out:`build/kernel-host/smoke-${arch}`, more:["/tmp/fuzz-main.c"]});
console.log(p);
}
} catch (e) { console.log(String((e as Error).message).slice(0,6000)); }
