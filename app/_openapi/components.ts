import { type core, globalRegistry, type ZodType, z } from "zod";

export type JsonSchema = Record<string, unknown>;

/**
 * Converts zod schemas to JSON Schema 2020-12, which OpenAPI 3.1 uses. A schema that is named with
 * `.meta({ id })` becomes a component, and is referred to wherever it occurs, so that generated clients have
 * one type for it.
 */
export function createComponents() {
  const schemas: Record<string, JsonSchema> = {};

  /** @param io whether the schema describes what is sent to us or what we send */
  function toSchema(schema: ZodType, io: "input" | "output"): JsonSchema {
    const {
      $schema: _,
      $defs,
      ...rest
    } = z.toJSONSchema(schema, {
      io,
      unrepresentable: "any",
      target: "draft-2020-12",
      reused: "inline",
      override: (context) => {
        // Clients must accept further fields, so that adding one breaks nobody.
        if (context.jsonSchema.additionalProperties === false) delete context.jsonSchema.additionalProperties;
        addDiscriminator(context);
      },
    });
    for (const [name, definition] of Object.entries($defs ?? {})) add(name, definition as JsonSchema);
    const name = nameOf(schema);
    if (name === undefined) return withComponentRefs(rest) as JsonSchema; // An object stays an object.
    // Without other schemas to refer to it, the root is not moved into the definitions.
    if (rest.$ref === undefined) add(name, rest);
    return toRef(name);
  }

  function add(name: string, definition: JsonSchema): void {
    const { id: _, $id: _uri, ...own } = definition;
    schemas[name] ??= withComponentRefs(own) as JsonSchema; // An object stays an object.
  }

  return { schemas, toSchema };
}

export type Components = ReturnType<typeof createComponents>;

const toRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });

function nameOf(schema: core.$ZodType): string | undefined {
  const id = globalRegistry.get(schema)?.id;
  return typeof id === "string" ? id : undefined;
}

/** Rewrites references to definitions of one schema, recursively. */
function withComponentRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withComponentRefs);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === "$ref" && typeof inner === "string"
        ? [key, inner.replace("#/$defs/", "#/components/schemas/")]
        : [key, withComponentRefs(inner)],
    ),
  );
}

/**
 * Adds OpenAPI's discriminator to a union whose members are all named; its mapping refers to components, so
 * it means nothing for others. Generators derive a tagged union from it.
 */
function addDiscriminator({ zodSchema, jsonSchema }: { zodSchema: core.$ZodType; jsonSchema: object }): void {
  const { def } = zodSchema._zod;
  if (!isDiscriminatedUnion(def)) return;
  const { discriminator: propertyName, options } = def;
  const mapping: Record<string, string> = {};
  for (const option of options) {
    const name = nameOf(option);
    if (name === undefined) return;
    for (const value of option._zod.propValues?.[propertyName] ?? [])
      mapping[String(value)] = toRef(name).$ref;
  }
  Object.assign(jsonSchema, { discriminator: { propertyName, mapping } });
}

function isDiscriminatedUnion(def: core.$ZodTypeDef): def is core.$ZodDiscriminatedUnionDef {
  return def.type === "union" && "discriminator" in def;
}
