import type Stripe from "stripe";
import { buildCreditNote, createNoteParams } from "#sandbox/stripe/credit-notes/build-credit-note.ts";
import { issueCreditNote, voidCreditNote } from "#sandbox/stripe/credit-notes/issue-credit-note.ts";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { inRange, pairs, paramsOf, range, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const updateParams = paramsOf<Stripe.CreditNoteUpdateParams>()({ memo: text(), metadata: pairs() });
const listParams = paramsOf<Stripe.CreditNoteListParams>()({
  created: range(),
  customer: text(),
  invoice: text(),
});
const path = "/v1/credit_notes";

export const creditNoteRoutes: Route[] = [
  route("GET", `${path}/preview`, createNoteParams, ({ world, params }) => buildCreditNote(world, params)),
  listRoute(`${path}/preview/lines`, createNoteParams, ({ world, params }) =>
    // List routes reverse their rows; lines keep their order on the note.
    buildCreditNote(world, params).lines.data.toReversed(),
  ),
  route("POST", path, createNoteParams, ({ world, params }) => issueCreditNote(world, params)),
  route("GET", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => findCreditNote(world, id)),
  route("POST", `${path}/:id`, updateParams, ({ world, id, params }) => {
    const metadata = mergeMetadata(findCreditNote(world, id).metadata ?? {}, params.metadata);
    const patch = { ...given({ memo: params.memo }), metadata };
    return amend(world, world.tables.creditNotes, id, patch, "credit_note.updated");
  }),
  route("POST", `${path}/:id/void`, paramsOf<object>()({}), ({ world, id }) =>
    voidCreditNote(world, findCreditNote(world, id)),
  ),
  listRoute(`${path}/:id/lines`, paramsOf<object>()({}), ({ world, id }) =>
    findCreditNote(world, id).lines.data.toReversed(),
  ),
  listRoute(path, listParams, ({ world, params }) =>
    world.tables.creditNotes.filter(
      (note) =>
        (params.customer === undefined || note.customer === params.customer) &&
        (params.invoice === undefined || note.invoice === params.invoice) &&
        inRange(note.created, params.created),
    ),
  ),
];

function findCreditNote(world: World, id: string): Stripe.CreditNote {
  const note = world.tables.creditNotes.get(id);
  if (!note) throw missing("credit note", id);
  return note;
}
