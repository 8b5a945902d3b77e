import type { DeepDecompressRequest, DeepDecompressResponse } from "../../protocol/decompression";
import type {
  DirectoryResponse,
  ListServicesRequest,
  LookUpServiceRequest,
  LookUpServiceResponse,
  RegisterServiceRequest,
  ServiceRow,
  WatchServicesRequest,
  WithdrawServicesRequest,
} from "../../protocol/directory";
import type { ErrorRecord } from "../../protocol/error";
import { MessageFault } from "../../protocol/error";
import type { DeleteValueRequest, GetValueRequest, PutValueRequest, ValueResponse } from "../../protocol/kv";
import type { LoadModuleRequest, LoadModuleResponse } from "../../protocol/load";
import type { LogLineRequest, LogLineResponse, LogRow, ReadLogRequest } from "../../protocol/logging";
import {
  decodeDeepDecompressRequest,
  decodeDeepDecompressResponse,
  encodeDeepDecompressRequest,
  encodeDeepDecompressResponse,
} from "../../protocol/marshal/decompression";
import {
  decodeDirectoryResponse,
  decodeListServicesRequest,
  decodeLookUpServiceRequest,
  decodeLookUpServiceResponse,
  decodeRegisterServiceRequest,
  decodeServiceRow,
  decodeWatchServicesRequest,
  decodeWithdrawServicesRequest,
  encodeDirectoryResponse,
  encodeListServicesRequest,
  encodeLookUpServiceRequest,
  encodeLookUpServiceResponse,
  encodeRegisterServiceRequest,
  encodeServiceRow,
  encodeWatchServicesRequest,
  encodeWithdrawServicesRequest,
} from "../../protocol/marshal/directory";
import { decodeErrorRecord, encodeErrorRecord } from "../../protocol/marshal/error";
import {
  decodeDeleteValueRequest,
  decodeGetValueRequest,
  decodePutValueRequest,
  decodeValueResponse,
  encodeDeleteValueRequest,
  encodeGetValueRequest,
  encodePutValueRequest,
  encodeValueResponse,
} from "../../protocol/marshal/kv";
import {
  decodeLoadModuleRequest,
  decodeLoadModuleResponse,
  encodeLoadModuleRequest,
  encodeLoadModuleResponse,
} from "../../protocol/marshal/load";
import {
  decodeLogLineRequest,
  decodeLogLineResponse,
  decodeLogRow,
  decodeReadLogRequest,
  encodeLogLineRequest,
  encodeLogLineResponse,
  encodeLogRow,
  encodeReadLogRequest,
} from "../../protocol/marshal/logging";
import {
  decodeListModulesRequest,
  decodeModuleRow,
  decodeTerminateModuleRequest,
  decodeTerminateModuleResponse,
  encodeListModulesRequest,
  encodeModuleRow,
  encodeTerminateModuleRequest,
  encodeTerminateModuleResponse,
} from "../../protocol/marshal/modules";
import {
  decodeReadReceiptRequest,
  decodeReceipt,
  encodeReadReceiptRequest,
  encodeReceipt,
} from "../../protocol/marshal/receipt";
import {
  decodeFindModuleRequest,
  decodeFindModuleResponse,
  decodeListPackagesRequest,
  decodePackageRow,
  encodeFindModuleRequest,
  encodeFindModuleResponse,
  encodeListPackagesRequest,
  encodePackageRow,
} from "../../protocol/marshal/repository";
import type {
  ListModulesRequest,
  ModuleRow,
  TerminateModuleRequest,
  TerminateModuleResponse,
} from "../../protocol/modules";
import type { ReadReceiptRequest, Receipt } from "../../protocol/receipt";
import type { FindModuleRequest, FindModuleResponse, ListPackagesRequest, PackageRow } from "../../protocol/repository";
import type { Message } from "../../user/message";

/** Every record: taken out of `from` and put into `to`. Written by `make protocol`. */
export function passOn(label: u32, from: Message, to: Message): MessageFault {
  switch (label) {
    case 256: {
      const record = local<ErrorRecord>();
      const fault = decodeErrorRecord(from, record);
      if (fault === MessageFault.None) encodeErrorRecord(record, to);
      return fault;
    }
    case 257: {
      const record = local<LoadModuleRequest>();
      const fault = decodeLoadModuleRequest(from, record);
      if (fault === MessageFault.None) encodeLoadModuleRequest(record, to);
      return fault;
    }
    case 258: {
      const record = local<LoadModuleResponse>();
      const fault = decodeLoadModuleResponse(from, record);
      if (fault === MessageFault.None) encodeLoadModuleResponse(record, to);
      return fault;
    }
    case 259: {
      const record = local<ReadReceiptRequest>();
      const fault = decodeReadReceiptRequest(from, record);
      if (fault === MessageFault.None) encodeReadReceiptRequest(record, to);
      return fault;
    }
    case 260: {
      const record = local<Receipt>();
      const fault = decodeReceipt(from, record);
      if (fault === MessageFault.None) encodeReceipt(record, to);
      return fault;
    }
    case 261: {
      const record = local<ListModulesRequest>();
      const fault = decodeListModulesRequest(from, record);
      if (fault === MessageFault.None) encodeListModulesRequest(record, to);
      return fault;
    }
    case 262: {
      const record = local<ModuleRow>();
      const fault = decodeModuleRow(from, record);
      if (fault === MessageFault.None) encodeModuleRow(record, to);
      return fault;
    }
    case 263: {
      const record = local<TerminateModuleRequest>();
      const fault = decodeTerminateModuleRequest(from, record);
      if (fault === MessageFault.None) encodeTerminateModuleRequest(record, to);
      return fault;
    }
    case 264: {
      const record = local<TerminateModuleResponse>();
      const fault = decodeTerminateModuleResponse(from, record);
      if (fault === MessageFault.None) encodeTerminateModuleResponse(record, to);
      return fault;
    }
    case 265: {
      const record = local<DeepDecompressRequest>();
      const fault = decodeDeepDecompressRequest(from, record);
      if (fault === MessageFault.None) encodeDeepDecompressRequest(record, to);
      return fault;
    }
    case 266: {
      const record = local<DeepDecompressResponse>();
      const fault = decodeDeepDecompressResponse(from, record);
      if (fault === MessageFault.None) encodeDeepDecompressResponse(record, to);
      return fault;
    }
    case 267: {
      const record = local<FindModuleRequest>();
      const fault = decodeFindModuleRequest(from, record);
      if (fault === MessageFault.None) encodeFindModuleRequest(record, to);
      return fault;
    }
    case 268: {
      const record = local<FindModuleResponse>();
      const fault = decodeFindModuleResponse(from, record);
      if (fault === MessageFault.None) encodeFindModuleResponse(record, to);
      return fault;
    }
    case 269: {
      const record = local<ListPackagesRequest>();
      const fault = decodeListPackagesRequest(from, record);
      if (fault === MessageFault.None) encodeListPackagesRequest(record, to);
      return fault;
    }
    case 270: {
      const record = local<PackageRow>();
      const fault = decodePackageRow(from, record);
      if (fault === MessageFault.None) encodePackageRow(record, to);
      return fault;
    }
    case 271: {
      const record = local<LookUpServiceRequest>();
      const fault = decodeLookUpServiceRequest(from, record);
      if (fault === MessageFault.None) encodeLookUpServiceRequest(record, to);
      return fault;
    }
    case 272: {
      const record = local<LookUpServiceResponse>();
      const fault = decodeLookUpServiceResponse(from, record);
      if (fault === MessageFault.None) encodeLookUpServiceResponse(record, to);
      return fault;
    }
    case 273: {
      const record = local<RegisterServiceRequest>();
      const fault = decodeRegisterServiceRequest(from, record);
      if (fault === MessageFault.None) encodeRegisterServiceRequest(record, to);
      return fault;
    }
    case 274: {
      const record = local<WithdrawServicesRequest>();
      const fault = decodeWithdrawServicesRequest(from, record);
      if (fault === MessageFault.None) encodeWithdrawServicesRequest(record, to);
      return fault;
    }
    case 275: {
      const record = local<WatchServicesRequest>();
      const fault = decodeWatchServicesRequest(from, record);
      if (fault === MessageFault.None) encodeWatchServicesRequest(record, to);
      return fault;
    }
    case 276: {
      const record = local<ListServicesRequest>();
      const fault = decodeListServicesRequest(from, record);
      if (fault === MessageFault.None) encodeListServicesRequest(record, to);
      return fault;
    }
    case 277: {
      const record = local<DirectoryResponse>();
      const fault = decodeDirectoryResponse(from, record);
      if (fault === MessageFault.None) encodeDirectoryResponse(record, to);
      return fault;
    }
    case 278: {
      const record = local<ServiceRow>();
      const fault = decodeServiceRow(from, record);
      if (fault === MessageFault.None) encodeServiceRow(record, to);
      return fault;
    }
    case 512: {
      const record = local<PutValueRequest>();
      const fault = decodePutValueRequest(from, record);
      if (fault === MessageFault.None) encodePutValueRequest(record, to);
      return fault;
    }
    case 513: {
      const record = local<GetValueRequest>();
      const fault = decodeGetValueRequest(from, record);
      if (fault === MessageFault.None) encodeGetValueRequest(record, to);
      return fault;
    }
    case 514: {
      const record = local<DeleteValueRequest>();
      const fault = decodeDeleteValueRequest(from, record);
      if (fault === MessageFault.None) encodeDeleteValueRequest(record, to);
      return fault;
    }
    case 515: {
      const record = local<ValueResponse>();
      const fault = decodeValueResponse(from, record);
      if (fault === MessageFault.None) encodeValueResponse(record, to);
      return fault;
    }
    case 520: {
      const record = local<LogLineRequest>();
      const fault = decodeLogLineRequest(from, record);
      if (fault === MessageFault.None) encodeLogLineRequest(record, to);
      return fault;
    }
    case 521: {
      const record = local<LogLineResponse>();
      const fault = decodeLogLineResponse(from, record);
      if (fault === MessageFault.None) encodeLogLineResponse(record, to);
      return fault;
    }
    case 522: {
      const record = local<ReadLogRequest>();
      const fault = decodeReadLogRequest(from, record);
      if (fault === MessageFault.None) encodeReadLogRequest(record, to);
      return fault;
    }
    case 523: {
      const record = local<LogRow>();
      const fault = decodeLogRow(from, record);
      if (fault === MessageFault.None) encodeLogRow(record, to);
      return fault;
    }
    default:
      return MessageFault.Label;
  }
}
