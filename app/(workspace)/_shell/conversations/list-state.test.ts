import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupList } from "#app/(workspace)/_shell/conversations/list-rows.ts";
import {
  addPage,
  applyChanges,
  changeItems,
  compareItems,
  createListState,
  itemsOf,
  type ListState,
} from "#app/(workspace)/_shell/conversations/list-state.ts";
import type { ListedConversation } from "#lib/chat/conversations/conversation-list.ts";
import type { Section } from "#lib/chat/conversations/sections.ts";

const base = Date.parse("2026-03-10T12:00:00.000Z");
const project = "0198a000-0000-7000-8000-000000000001";

function item(nr: number, fields: Partial<ListedConversation> = {}): ListedConversation {
  return {
    id: `id-${String(nr).padStart(6, "0")}`,
    title: `Chat ${nr}`,
    model: "m",
    updatedAt: new Date(base - nr * 60_000).toISOString(),
    leafId: null,
    projectId: null,
    isPinned: false,
    isArchived: false,
    isUnread: false,
    running: null,
    ...fields,
  };
}

/** A server: all conversations, read page by page. */
function pageOf(all: ListedConversation[], section: Section, state: ListState | null, size: number) {
  const sorted = itemsOf(createListState({ pages: [], projects: [] }), section).concat(
    all.filter((one) => placeOf(one).includes(section)).sort(compareItems),
  );
  const mark = state?.loaded.get(section)?.mark;
  const rest = mark == null ? sorted : sorted.filter((one) => compareItems(one, mark) > 0);
  return { section, conversations: rest.slice(0, size), hasMore: rest.length > size };
}
const placeOf = (one: ListedConversation): Section[] =>
  one.isArchived
    ? ["archived"]
    : [
        ...(one.isPinned ? (["pinned"] as const) : []),
        ...(one.projectId !== null ? [`project:${one.projectId}` as const] : []),
        ...(!one.isPinned && one.projectId === null ? (["recent"] as const) : []),
      ];

const place = fc.record({
  isPinned: fc.boolean(),
  isArchived: fc.boolean(),
  projectId: fc.constantFrom(null, project),
});
const sections: Section[] = ["pinned", "recent", "archived", `project:${project}`];

describe("the state of the list", () => {
  test("pages and changes in any order and repetition show the newest state of every loaded section", () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("page" as const), section: fc.constantFrom(...sections) }),
      fc.record({
        type: fc.constant("change" as const),
        nr: fc.nat(39),
        place,
        at: fc.integer({ min: -60, max: 60 }),
        isDeleted: fc.boolean(),
        times: fc.integer({ min: 1, max: 3 }),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 40, maxLength: 40 }),
        fc.array(step, { maxLength: 40 }),
        (places, steps) => {
          let server = places.map((fields, nr) => item(nr, fields));
          let state = createListState({
            pages: sections.map((section) => pageOf(server, section, null, 4)),
            projects: [{ id: project, name: "P" }],
          });
          for (const one of steps) {
            if (one.type === "page") {
              state = addPage(state, pageOf(server, one.section, state, 4));
              continue;
            }
            const id = item(one.nr).id;
            const known = server.find((other) => other.id === id);
            if (known === undefined) continue;
            const changed = { ...known, ...one.place, updatedAt: item(one.at).updatedAt };
            server = server.filter((other) => other.id !== id).concat(one.isDeleted ? [] : [changed]);
            const event = one.isDeleted
              ? { conversations: [], removed: [id], projects: null }
              : { conversations: [changed], removed: [], projects: null };
            for (let time = 0; time < one.times; time++) state = applyChanges(state, event);
          }
          for (const section of sections) {
            const shown = itemsOf(state, section);
            const mark = state.loaded.get(section)?.mark;
            const hasMore = state.loaded.get(section)?.hasMore === true;
            const expected = server
              .filter((one) => placeOf(one).includes(section))
              .filter((one) => !hasMore || mark == null || compareItems(one, mark) <= 0)
              .sort(compareItems);
            expect(shown, section).toEqual(expected);
          }
        },
      ),
    );
  });

  test("a conversation that is older than the loaded pages stays hidden until its page is loaded", () => {
    const all = Array.from({ length: 10 }, (_, nr) => item(nr));
    let state = createListState({ pages: [pageOf(all, "recent", null, 4)], projects: [] });
    state = applyChanges(state, {
      conversations: [item(8, { title: "Renamed" })],
      removed: [],
      projects: null,
    });
    expect(itemsOf(state, "recent").map(({ title }) => title)).toEqual([
      "Chat 0",
      "Chat 1",
      "Chat 2",
      "Chat 3",
    ]);
    for (let page = 0; page < 2; page++) state = addPage(state, pageOf(all, "recent", state, 4));
    expect(itemsOf(state, "recent").map(({ title }) => title)[8]).toBe("Renamed");
  });

  test("a change of fields leaves unknown conversations unknown", () => {
    const state = createListState({ pages: [pageOf([item(1)], "recent", null, 4)], projects: [] });
    const changed = changeItems(state, [item(1).id, "unknown"], { isPinned: true });
    expect(itemsOf(changed, "pinned")).toHaveLength(1);
    expect(changed.items.size).toBe(1);
  });
});

describe("groupList", () => {
  test("pinned chats of a project are in both groups, and rows have unique keys", () => {
    const all = [item(1, { isPinned: true, projectId: project }), item(2, { projectId: project }), item(3)];
    const state = createListState({
      pages: sections.map((section) => pageOf(all, section, null, 10)),
      projects: [{ id: project, name: "P" }],
    });
    const groups = groupList(state, new Set([project]), base - 12 * 3_600_000);
    expect(groups.map(({ heading, rows }) => [heading, rows.length])).toEqual([
      ["pinned", 1],
      ["projects", 3],
      ["today", 1],
    ]);
    const keys = groups.flatMap(({ rows }) => rows.map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("a section with more pages ends with a row that loads them, also when nothing of it is shown", () => {
    const state = createListState({
      pages: [{ section: "recent", conversations: [], hasMore: true }],
      projects: [],
    });
    const rows = groupList(state, new Set(), base).flatMap((group) => group.rows);
    expect(rows).toEqual([
      { kind: "more", key: "more:pinned", section: "pinned" },
      { kind: "more", key: "more:recent", section: "recent" },
    ]);
  });
});
