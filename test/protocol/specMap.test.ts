import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

/** docs/spec-map.md: every name of the specification stands there, and what it points at exists. */

const PAGE = "docs/spec-map.md";
const SPECIFICATION = "../shared/spec/sila-pipeline-microkernel-v0.1.md";
/** A document that it refers to. */
const NOT_OURS = new Set(["SILA_Specification_V0"]);

const NAMES = `
AI_Pipeline_ModuleManager_ASA Binary_SignatureError_EnumVal DeepCompressionService_ASA DeepCompressionService_ASA_EP_Cap
InsufficientResourcesError_EnumVal KernelInternalError_EnumVal LoggingService_V1_ASA LoggingService_V1_ASA_EP_Cap
LoggingService_V2_ASA LoggingService_V2_ASA_EP_Cap Manifest_PolicyError_EnumVal Microkernel_ProcessManager_ASA
Microkernel_ProcessManager_ASA_EP_Cap Requesting_ASA SILA_AgentIdentity_Record SILA_AllocateMemory_Request_Record SILA_Call
SILA_CapToken SILA_CompressionMetadataHeader_Record SILA_CreateEndpoint_Request_Record SILA_DeepDecompress_Request_Record
SILA_DeepDecompress_Response_Record SILA_EndpointPolicy_Record SILA_Error_Record SILA_Error_Record_Cap
SILA_IPC_Endpoint_Object_Type SILA_IPC_Endpoint_Type SILA_InitialModuleParameters_Record SILA_LoadModule_Request_Record
SILA_MemoryAccessRights_Enum_Set SILA_MemoryRegionAttributes_Record SILA_Memory_Region_Executable_Type
SILA_Memory_Region_Type SILA_Microkernel_AllocateMemoryRegion_Operation SILA_Microkernel_CreateIPC_Endpoint_Operation
SILA_Microkernel_CreateProcessFromSILAImage_Operation SILA_Microkernel_CreateProcessFromSILAImage_Request_Record
SILA_Microkernel_CreateProcess_Response_Record SILA_Microkernel_IPCService_EP_Cap SILA_Microkernel_MemoryService_EP_Cap
SILA_Microkernel_TerminateProcess_Op SILA_Module_Contract_Record SILA_Module_Manifest_Record SILA_Optional
SILA_Packaged_Module_Record SILA_Packaged_Module_Record_Cap SILA_PrepareForUpdate_Request_Event
SILA_ProcessCreationStatus_Enum SILA_Process_Object_Type SILA_ReadyForTermination_NoState_Event
SILA_ReadyForTermination_With_StateHandoff_Event SILA_Result_Union SILA_SemanticVersion_Constraint_Record
SILA_StateSnapshot_Record SILA_StateSnapshot_Record_Cap SILA_String_Record SILA_UniqueID_String SILA_Verifiable_Integer
SKYAIFS_DataRelocationBot_ASA ServiceDirectory_ASA StateMigrationCoordinator_ASA Success_EnumVal binary_payload
binary_payload_cap compression_info data_to_decompress_cap decompressed_data_cap endpoint_policy_sila_record_cap_opt
error_details_sila_record_opt initial_module_parameters_cap_opt memory_attributes_sila_record_cap metadata_header_cap
module_manager_internal_ipc_ep_cap module_name_for_debugging_opt module_name_identifier module_version_constraint_opt
new_process_instance_cap_opt original_request_id_ref owning_process_cap owning_process_cap_for_quota
parent_or_owner_agent_id_cap_opt permissions_for_owner_enum_set process_creation_status_enum reply_to_ep_cap
reply_to_ipc_endpoint_cap request_id requesting_agent_parameters_for_module_cap_opt sila_executable_binary_image_cap
sila_module_manifest_cap size_in_bytes
`
  .trim()
  .split(/\s+/);

interface Row {
  readonly name: string;
  readonly here: string;
}

const rows: readonly Row[] = [...readFileSync(PAGE, "utf8").matchAll(/^\| `(\w+)` \| (.*?) \|/gm)].map(
  ([, name = "", here = ""]) => ({ name, here }),
);

test("every name of the specification stands in the map, once", () => {
  expect(rows.map(({ name }) => name).sort()).toEqual([...NAMES].sort());
});

test.each(rows)("$name is somewhere", ({ here }) => {
  if (here === "*later*") return;
  const [, ident = "", target = ""] = /^\[([\w-]+)\]\(([^)]+)\)$/.exec(here) ?? [];
  const file = join(dirname(PAGE), target);
  expect(existsSync(file), file).toBe(true);
  expect(readFileSync(file, "utf8")).toMatch(new RegExp(`\\b${ident}\\b`));
});

const isAtHand = existsSync(SPECIFICATION);
test.skipIf(!isAtHand)(
  `the list is the specification's (${isAtHand ? "at hand" : `skipped: no ${SPECIFICATION}`})`,
  () => {
    const text = readFileSync(SPECIFICATION, "utf8").replaceAll(/`?Documentation\/\S+/g, "");
    const found = new Set(text.match(/\b[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\b/g));
    expect([...found].filter((name) => !NOT_OURS.has(name)).sort()).toEqual([...NAMES].sort());
  },
);
