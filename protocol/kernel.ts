/**
 * What processes ask the kernel for in the spec's terms. These are Calls on the kernel's own capabilities: their words and
 * capabilities are those of kernel/syscall/table.ts, from which user/stubs are written.
 */

/**
 * Who owns a process: a module by its name, version, key and instance. The kernel passes it on as it comes.
 */
export interface AgentIdentity extends Struct<"AgentIdentity"> {
  /** Badge of the requester. */
  requester: u64;
  /** Its request. */
  requestId: u64;
  /** The load's number. */
  instance: u64;
  /** The first 8 bytes of the publisher's key id. */
  key: u64;
}

/**
 * A process from a sealed Image.
 *
 * @kernel ProcessControl.Create
 */
export interface CreateProcessRequest extends Struct<"CreateProcessRequest"> {
  owner0: u64;
  owner1: u64;
  owner2: u64;
  owner3: u64;
  name0: u64;
  name1: u64;
  name2: u64;
  name3: u64;
  /** Becomes the process. @capability Process */
  process: u32;
  /** Which the kernel has verified and sealed. @capability Image */
  image: u32;
  /** From which everything is made. @capability Untyped */
  budget: u32;
  /** Parameters, and a capability or nothing for each entry of the manifest. @capability CNode */
  endowment: u32;
}

/**
 * What became of it.
 *
 * @kernel ProcessControl.Create answer
 */
export interface CreateProcessResponse extends Struct<"CreateProcessResponse"> {
  /** PackageStatus: Success, ManifestPolicyError, BinarySignatureError or InsufficientResourcesError. */
  status: u64;
  /** PackageFault. */
  fault: u64;
  /** Which entry of the manifest it is about. */
  entry: u64;
  /** Wanted capabilities that it was not given: a bit each. */
  refused: u64;
  /** Of the process, while it lives, as Inspect.Process tells it; 0 when there is none. */
  number: u64;
}

/**
 * Memory from a process's budget.
 *
 * @kernel Process.AllocateMemoryRegion
 */
export interface AllocateMemoryRequest extends Struct<"AllocateMemoryRequest"> {
  bytes: u64;
  /** MemoryRegionAttributes. */
  attributes: u64;
  /** Where the Region goes. */
  slot: u64;
  /** In which slots. @capability CNode */
  cnode: u32;
}

/**
 * An Endpoint from a process's budget.
 *
 * @kernel Process.CreateEndpoint
 */
export interface CreateEndpointRequest extends Struct<"CreateEndpointRequest"> {
  /** EndpointPolicy. */
  policy: u64;
  /** Where the Endpoint goes. */
  slot: u64;
  /** In which slots. @capability CNode */
  cnode: u32;
}
