import { buildHostKernel } from "./build.ts";
const arch = process.argv[2] as "x86_64";
try {
const p = await buildHostKernel({arch, entries:["fuzz","report"].map(n=>`test/kernel/${n}.kts.ts`), sanitize:true, isFuzzer:true, out:`build/kernel-host/fuzz-${arch}`});
console.log(p);
} catch (e) { console.log(String((e as Error).message).slice(0,6000)); }
