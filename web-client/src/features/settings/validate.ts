import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import type { Contract } from "../../rpc/contract";
import type { FieldMark } from "../../rpc/failure";

/**
 * Checks a Config against the rules of the contract, the same that the daemon checks. The validator
 * is loaded when it is first needed.
 */
export async function validateConfig(contract: Contract, config: JsonObject): Promise<FieldMark[]> {
  const schema = contract.registry.getMessage("cantina.config.v1.Config");
  if (!schema) return [];
  const { createValidator } = await import("@bufbuild/protovalidate");
  try {
    const message = fromJson(schema, config, { registry: contract.registry });
    const result = createValidator({ registry: contract.registry }).validate(schema, message);
    if (result.kind === "error") throw result.error;
    if (result.kind === "valid") return [];
    return result.violations.map(({ field, ruleId, message: description }) => ({
      field: pathToString(field),
      rule: ruleId,
      description,
    }));
  } catch (error) {
    return [{ field: "", rule: "json", description: error instanceof Error ? error.message : String(error) }];
  }
}

/** Whether a mark concerns a setting; the daemon names the field of the request, the form that of Config. */
export function concerns(mark: FieldMark, path: string): boolean {
  const field = mark.field.replace(/^config\./, "");
  return field === path || field.startsWith(`${path}[`) || field.startsWith(`${path}.`);
}
