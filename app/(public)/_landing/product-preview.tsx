import { LogoMark } from "#app/_ui/logo.tsx";

const rows = [
  ["Train", "4 h 10", "6 kg"],
  ["Car", "5 h 30", "94 kg"],
  ["Plane", "3 h 50", "131 kg"],
];

/** A static preview of a conversation. */
export function ProductPreview() {
  return (
    <figure className="overflow-hidden rounded-2xl border bg-card shadow-black/5 shadow-xl">
      <figcaption className="sr-only">
        A conversation: a question about three ways to travel, answered with a table, and below it a receipt
        of 412 tokens in, 187 out, for $0.0014 in 2.3 seconds.
      </figcaption>
      <div aria-hidden className="flex items-center justify-between border-b px-5 py-3 text-sm">
        <span className="flex items-center gap-2 font-medium">
          <LogoMark className="size-5" /> Frankfurt to Paris
        </span>
        <span className="text-muted-foreground tabular-nums">$14.82 left</span>
      </div>
      <div aria-hidden className="flex flex-col gap-6 p-5 sm:p-8">
        <p className="max-w-[85%] self-end rounded-2xl bg-muted px-4 py-2.5">
          Train, car or plane from Frankfurt to Paris?
        </p>
        <div className="flex flex-col gap-4 leading-relaxed">
          <p>
            Door to door the train is nearly as quick as the plane, and by far the lightest on the climate:
          </p>
          <table className="w-full text-left text-sm">
            <thead>
              <tr className="border-b text-muted-foreground">
                <th className="py-2 font-medium">Way</th>
                <th className="py-2 text-right font-medium">Door to door</th>
                <th className="py-2 text-right font-medium">CO₂ a person</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(([way, time, carbon]) => (
                <tr key={way} className="border-b last:border-0">
                  <td className="py-2">{way}</td>
                  <td className="py-2 text-right">{time}</td>
                  <td className="py-2 text-right">{carbon}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="text-muted-foreground text-xs tabular-nums">412 in · 187 out · $0.0014 · 2.3 s</p>
        </div>
      </div>
    </figure>
  );
}
