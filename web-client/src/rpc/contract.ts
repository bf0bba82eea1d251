import {
  createFileRegistry,
  type DescEnum,
  type DescEnumValue,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescMethod,
  type DescService,
  type FileRegistry,
} from "@bufbuild/protobuf";
import { useEffect, useState } from "react";
import { SystemService } from "../gen/cantina/system/v1/system_pb";
import { useDaemon } from "../state/store";
import { call } from "./call";
import { type Failure, failureOf } from "./failure";

type Described = DescMessage | DescEnum | DescEnumValue | DescService | DescMethod | DescField;

/** The contract as the daemon tells it, with its comments and rules. */
export interface Contract {
  registry: FileRegistry;
  services: DescService[];
  comment: (desc: Described) => string;
}

/** Where a definition stands in its file, by the numbers of descriptor.proto. */
function placeOf(desc: Described): number[] {
  switch (desc.kind) {
    case "message": {
      const { parent } = desc;
      return parent
        ? [...placeOf(parent), 3, parent.proto.nestedType.indexOf(desc.proto)]
        : [4, desc.file.proto.messageType.indexOf(desc.proto)];
    }
    case "enum": {
      const { parent } = desc;
      return parent
        ? [...placeOf(parent), 4, parent.proto.enumType.indexOf(desc.proto)]
        : [5, desc.file.proto.enumType.indexOf(desc.proto)];
    }
    case "enum_value":
      return [...placeOf(desc.parent), 2, desc.parent.proto.value.indexOf(desc.proto)];
    case "service":
      return [6, desc.file.proto.service.indexOf(desc.proto)];
    case "rpc":
      return [...placeOf(desc.parent), 2, desc.parent.proto.method.indexOf(desc.proto)];
    case "field":
      return [...placeOf(desc.parent), 2, desc.parent.proto.field.indexOf(desc.proto)];
    default:
      return desc satisfies never;
  }
}

function fileOf(desc: Described): DescFile {
  return "file" in desc ? desc.file : desc.parent.file;
}

/** Finds comments by place; each file is read once. */
function commentFinder(): (desc: Described) => string {
  const files = new Map<string, Map<string, string>>();
  return (desc) => {
    const { proto } = fileOf(desc);
    let comments = files.get(proto.name);
    if (!comments) {
      const locations = proto.sourceCodeInfo?.location ?? [];
      comments = new Map(locations.map((location) => [location.path.join("."), location.leadingComments.trim()]));
      files.set(proto.name, comments);
    }
    return (comments.get(placeOf(desc).join(".")) ?? "").replace(/\n ?/g, " ");
  };
}

let known: Promise<Contract> | undefined;

async function read(): Promise<Contract> {
  const { fileDescriptorSet } = await call(SystemService.method.getFileDescriptorSet, {});
  if (!fileDescriptorSet) throw new Error("The daemon sent no contract.");
  const registry = createFileRegistry(fileDescriptorSet);
  const services = [...registry.files].flatMap((file) => file.services);
  return { registry, services, comment: commentFinder() };
}

/** Reads the contract once for the page. */
export function useContract(): { contract: Contract | undefined; failure: Failure | undefined } {
  const [contract, setContract] = useState<Contract>();
  const [failure, setFailure] = useState<Failure>();
  const open = useDaemon((state) => state.link.phase === "open");
  useEffect(() => {
    if (!open) return;
    known ??= read();
    known.then(setContract).catch((error: unknown) => {
      known = undefined;
      setFailure(failureOf(error));
    });
  }, [open]);
  return { contract, failure };
}
