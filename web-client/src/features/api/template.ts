import { type DescField, type DescMessage, type JsonObject, type JsonValue, ScalarType } from "@bufbuild/protobuf";

/** A request in JSON form with every field that a person may fill in, at its zero. */
export function templateOf(message: DescMessage): JsonObject {
  const fields = message.fields.filter((field) => field.name !== "request_id" && (!field.oneof || field.oneof.fields[0] === field));
  return Object.fromEntries(fields.map((field) => [field.jsonName, zeroOf(field)]));
}

function zeroOf(field: DescField): JsonValue {
  switch (field.fieldKind) {
    case "list":
      return [];
    case "map":
      return {};
    case "enum":
      return field.enum.values[0]?.name ?? 0;
    case "message":
      return wellKnown(field.message.typeName) ?? {};
    case "scalar":
      return scalarZero(field.scalar);
    default:
      return field satisfies never;
  }
}

function scalarZero(scalar: ScalarType): JsonValue {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return "";
    case ScalarType.BOOL:
      return false;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return "0";
    default:
      return 0;
  }
}

function wellKnown(typeName: string): JsonValue | undefined {
  const forms: Record<string, JsonValue> = {
    "google.protobuf.Duration": "0s",
    "google.protobuf.Timestamp": new Date(0).toISOString(),
    "google.protobuf.FieldMask": "",
  };
  return forms[typeName];
}

/** The type of a field in the words of the proto. */
export function typeOf(field: DescField): string {
  switch (field.fieldKind) {
    case "list":
      return `repeated ${field.listKind === "scalar" ? scalarName(field.scalar) : field.listKind === "enum" ? field.enum.name : field.message.name}`;
    case "map":
      return "map";
    case "enum":
      return field.enum.name;
    case "message":
      return field.message.name;
    case "scalar":
      return scalarName(field.scalar);
    default:
      return field satisfies never;
  }
}

function scalarName(scalar: ScalarType): string {
  return ScalarType[scalar]?.toLowerCase() ?? "unknown";
}
