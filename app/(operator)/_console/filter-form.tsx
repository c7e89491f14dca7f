import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { controlClasses, Input } from "#app/_ui/input.tsx";
import { Label } from "#app/_ui/label.tsx";

type Field = {
  name: string;
  label: string;
  value: string | undefined;
  placeholder?: string;
  /** Labels by value; renders a select instead of a text field. */
  options?: Record<string, string>;
};

/**
 * A GET form whose fields become the query string, so that a filtered list can be bookmarked. Works without
 * JavaScript.
 */
export function FilterForm({ path, fields }: { path: string; fields: Field[] }) {
  const t = useTranslations("operator.console");
  const isFiltered = fields.some(({ value }) => value !== undefined);
  return (
    <search>
      <form action={path} className="mb-6 flex flex-wrap items-end gap-3">
        {fields.map((field) => (
          <div key={field.name} className="flex min-w-40 flex-1 flex-col gap-1.5">
            <Label htmlFor={`filter-${field.name}`}>{field.label}</Label>
            <Control {...field} />
          </div>
        ))}
        <div className="flex gap-2">
          <Button type="submit" variant="secondary" className="h-10">
            {t("filter")}
          </Button>
          {isFiltered && (
            <Button asChild variant="ghost" className="h-10">
              <Link href={path}>{t("clear")}</Link>
            </Button>
          )}
        </div>
      </form>
    </search>
  );
}

function Control({ name, value, placeholder, options }: Field) {
  const id = `filter-${name}`;
  if (options === undefined)
    return <Input id={id} name={name} defaultValue={value} placeholder={placeholder} autoComplete="off" />;
  return (
    <select
      id={id}
      name={name}
      defaultValue={value ?? ""}
      className={`${controlClasses} h-10 pointer-coarse:h-11`}
    >
      {Object.entries(options).map(([option, label]) => (
        <option key={option} value={option}>
          {label}
        </option>
      ))}
    </select>
  );
}
