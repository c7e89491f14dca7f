import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { conversationFormat } from "#lib/chat/portability/conversation-format.ts";
import { parseConversation } from "#lib/chat/portability/import/parse-conversation.ts";
import { findLeaf, orderMessages } from "#lib/chat/portability/import/stored-tree.ts";

/** Role, text and parent's text of every message. */
function outline(value: unknown): string[] | undefined {
  const conversation = parseConversation(value);
  const texts = new Map(conversation?.messages.map(({ externalId, text }) => [externalId, text]));
  return conversation?.messages.map(
    ({ role, text, parentId }) =>
      `${parentId === null ? "" : `${texts.get(parentId)} > `}${role[0]}: ${text}`,
  );
}

describe("ChatGPT", () => {
  const node = (id: string, parent: string | null, message: object | null) => ({
    id,
    parent,
    message,
    children: [],
  });
  const said = (role: string, text: string, more: object = {}) => ({
    author: { role },
    create_time: 1_756_000_001.5,
    content: { content_type: "text", parts: [text] },
    metadata: {},
    recipient: "all",
    ...more,
  });
  const file = {
    id: "6b0f0d9c-0000-4000-8000-000000000001",
    conversation_id: "6b0f0d9c-0000-4000-8000-000000000001",
    title: "Rollback",
    create_time: 1_756_000_000.1,
    update_time: 1_756_000_400.6,
    current_node: "tool",
    default_model_slug: "gpt-5-thinking",
    mapping: {
      root: node("root", null, null),
      context: node("context", "root", {
        ...said("user", ""),
        content: { content_type: "user_editable_context", user_profile: "An SRE." },
        metadata: { is_visually_hidden_from_conversation: true },
      }),
      system: node("system", "context", said("system", "You are ChatGPT.")),
      question: node("question", "system", said("user", "How do I roll back?")),
      call: node("call", "question", said("assistant", "search()", { recipient: "browser" })),
      result: node("result", "call", said("tool", "results")),
      answer: node("answer", "result", said("assistant", "Run it.", { metadata: { model_slug: "o4-mini" } })),
      other: node("other", "question", said("assistant", "Another answer.")),
      image: node("image", "answer", {
        ...said("user", ""),
        content: { content_type: "multimodal_text", parts: [{ asset_pointer: "file-1" }, "What is this?"] },
      }),
      tool: node("tool", "image", said("tool", "more results")),
    },
  };

  test("messages keep their tree; system messages and calls of tools are left out", () => {
    expect(outline(file)).toEqual([
      "u: How do I roll back?",
      "How do I roll back? > a: Run it.",
      "How do I roll back? > a: Another answer.",
      "Run it. > u: What is this?",
    ]);
  });
  test("the shown branch, models and times are read", () => {
    const parsed = parseConversation(file);
    expect(parsed).toMatchObject({
      source: "chatgpt",
      title: "Rollback",
      leafId: "image",
      model: "gpt-5-thinking",
      createdAt: new Date(1_756_000_000_100),
    });
    expect(parsed?.messages.find(({ externalId }) => externalId === "answer")?.model).toBe("o4-mini");
  });
  test("an entry without a mapping is no conversation", () => {
    expect(parseConversation({ title: "Corrupted", id: "x", create_time: 1 })).toBeNull();
  });
});

describe("Claude", () => {
  const message = (uuid: string, sender: string, text: string, more: object = {}) => ({
    uuid,
    sender,
    text,
    content: [{ type: "text", text }],
    created_at: "2025-03-01T10:00:00.000000Z",
    updated_at: "2025-03-01T10:00:00.000000Z",
    attachments: [],
    files: [],
    ...more,
  });
  const head = {
    uuid: "c1",
    name: "Tides",
    created_at: "2025-03-01T10:00:00.000000Z",
    updated_at: "2025-03-02T10:00:00.000000Z",
    account: { uuid: "a" },
  };

  test("messages without parents follow each other", () => {
    const chat_messages = [
      message("1", "human", "Why tides?"),
      message("2", "assistant", "The moon.", {
        text: "",
        content: [
          { type: "thinking", thinking: "Gravity." },
          { type: "tool_use", name: "search", input: {} },
          { type: "text", text: "The moon." },
        ],
      }),
      message("3", "human", "And the sun?"),
    ];
    expect(outline({ ...head, chat_messages })).toEqual([
      "u: Why tides?",
      "Why tides? > a: The moon.",
      "The moon. > u: And the sun?",
    ]);
    expect(parseConversation({ ...head, chat_messages })).toMatchObject({
      source: "claude",
      leafId: "3",
      messages: [{}, { reasoning: "Gravity." }, {}],
    });
  });
  test("named parents make a tree", () => {
    const chat_messages = [
      message("1", "human", "Hi", { parent_message_uuid: "00000000-0000-4000-8000-000000000000" }),
      message("2", "assistant", "Hello", { parent_message_uuid: "1" }),
      message("3", "assistant", "Good day", { parent_message_uuid: "1" }),
    ];
    expect(outline({ ...head, chat_messages })).toEqual(["u: Hi", "Hi > a: Hello", "Hi > a: Good day"]);
  });
});

test("LibreChat: a tree and a flat list give the same messages", () => {
  const say = (messageId: string, parentMessageId: string, isCreatedByUser: boolean, text: string) => ({
    messageId,
    parentMessageId,
    isCreatedByUser,
    text,
    model: isCreatedByUser ? null : "gpt-4-turbo",
    createdAt: "2024-05-01T16:35:11.530Z",
  });
  const root = say("m1", "00000000-0000-0000-0000-000000000000", true, "Hi");
  const one = say("m2", "m1", false, "Hello");
  const two = {
    ...say("m3", "m1", false, ""),
    content: [
      { type: "think", think: "Politely." },
      { type: "text", text: { value: "Good day" } },
    ],
  };
  const head = {
    conversationId: "l1",
    title: "Greeting",
    endpoint: "openAI",
    options: { model: "gpt-4-turbo" },
  };
  const flat = { ...head, messages: [root, one, two] };
  const tree = {
    ...head,
    recursive: true,
    messagesTree: [
      {
        ...root,
        children: [
          { ...one, children: [] },
          { ...two, children: [] },
        ],
      },
    ],
  };
  expect(outline(flat)).toEqual(["u: Hi", "Hi > a: Hello", "Hi > a: Good day"]);
  expect(outline(tree)).toEqual(outline(flat));
  expect(parseConversation(flat)).toMatchObject({ source: "librechat", model: "gpt-4-turbo" });
  expect(parseConversation(flat)?.messages[2]?.reasoning).toBe("Politely.");
});

test("Open WebUI: thinking is read from the text, and calls of tools are left out of it", () => {
  const message = (id: string, parentId: string | null, role: string, content: string) => ({
    id,
    parentId,
    role,
    content,
    timestamp: 1_700_000_000,
    childrenIds: [],
    ...(role === "assistant" && { model: "deepseek-r1" }),
  });
  const thought =
    '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds</summary>\n&gt; 15 * 17\n</details>\n255';
  const called = '<details type="tool_calls" done="true"><summary>Tool Executed</summary></details>\nDone.';
  const file = {
    id: "w1",
    title: "Sums",
    created_at: 1_700_000_000,
    updated_at: 1_700_000_010,
    chat: {
      models: ["deepseek-r1"],
      history: {
        currentId: "b",
        messages: {
          a: message("a", null, "user", "15 * 17?"),
          b: message("b", "a", "assistant", thought),
          c: message("c", "a", "assistant", called),
        },
      },
    },
  };
  expect(outline(file)).toEqual(["u: 15 * 17?", "15 * 17? > a: 255", "15 * 17? > a: Done."]);
  expect(parseConversation(file)).toMatchObject({ source: "openwebui", leafId: "b" });
  expect(parseConversation(file)?.messages[1]).toMatchObject({ reasoning: "15 * 17", model: "deepseek-r1" });
});

const uuid = fc.uuid({ version: 4 });
const time = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2030-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());
/** A document of Parley whose messages form a random tree, in any order. */
const document = fc
  .record({
    id: uuid,
    title: fc.string(),
    createdAt: time,
    nodes: fc.uniqueArray(
      fc.record({
        id: uuid,
        parent: fc.nat(),
        isUser: fc.boolean(),
        text: fc.string({ unit: "grapheme", minLength: 1 }),
        thought: fc.option(fc.string(), { nil: undefined }),
        createdAt: time,
      }),
      { minLength: 1, maxLength: 30, selector: ({ id }) => id },
    ),
  })
  .chain(({ id, title, createdAt, nodes }) => {
    const messages = nodes.map(({ id: messageId, parent, isUser, text, thought, createdAt: at }, index) => ({
      id: messageId,
      parentId: index === 0 ? null : (nodes[parent % index]?.id ?? null),
      role: isUser ? "user" : "assistant",
      createdAt: at,
      model: isUser ? null : "gpt-5-mini",
      status: "done",
      parts: [
        ...(thought === undefined ? [] : [{ type: "reasoning", text: thought, durationMs: 5 }]),
        { type: "text", text },
      ],
    }));
    return fc.shuffledSubarray(messages, { minLength: messages.length }).map((shuffled) => ({
      ...conversationFormat,
      id,
      title,
      model: "gpt-5-mini",
      createdAt,
      updatedAt: createdAt,
      activeLeafId: messages.at(-1)?.id ?? null,
      messages: shuffled,
    }));
  });

test("Parley: every tree is read as it was written, and ordered so that parents come first", () => {
  fc.assert(
    fc.property(document, (written) => {
      const read = parseConversation(JSON.parse(JSON.stringify(written)));
      expect(read).toMatchObject({ source: "parley", externalId: written.id, leafId: written.activeLeafId });
      const ordered = orderMessages(read?.messages ?? []);
      expect(new Set(ordered.map(({ externalId }) => externalId))).toEqual(
        new Set(written.messages.map(({ id }) => id)),
      );
      const seen = new Set<string | null>([null]);
      for (const { externalId, parentId, text } of ordered) {
        const source = written.messages.find(({ id }) => id === externalId);
        expect(seen.has(parentId)).toBe(true);
        expect(parentId).toBe(source?.parentId);
        expect(text).toBe(source?.parts.at(-1)?.text);
        seen.add(externalId);
      }
      expect(findLeaf({ leafId: written.activeLeafId }, ordered)).toBe(written.activeLeafId);
    }),
  );
});

test("any JSON is refused or read, and never throws", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const parsed = parseConversation(value);
      if (parsed !== null) orderMessages(parsed.messages);
    }),
  );
});
