import { afterAll, beforeAll, expect, test } from "vitest";
import type { Follower } from "#db/follow-changes.ts";
import { imageHostsSetting } from "#lib/chat/images/image-hosts.ts";
import { now } from "#lib/core/clock.ts";
import {
  addUser,
  type ChatTestEnv,
  pollOptions,
  startChatTestEnv,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;
let user: TestUser;
let follower: Follower;

beforeAll(async () => {
  env = await startChatTestEnv();
  user = await addUser(env);
  follower = await imageHostsSetting.follow();
});
afterAll(async () => {
  await follower.stop();
  await env.close();
});

test("only an operator changes the hosts of images, with an entry in the audit log, and processes hear of it", async () => {
  expect(imageHostsSetting.current()).toEqual([]);
  const hosts = ["images.example.com"];
  await expect(
    imageHostsSetting.change({ userId: user.userId, role: "user" }, hosts, now()),
  ).rejects.toMatchObject({ code: "not_found" });
  const operator = { userId: user.userId, role: "operator" as const };
  await expect(imageHostsSetting.change(operator, ["*.example.com"], now())).rejects.toThrow();
  expect(await imageHostsSetting.read(env.db)).toEqual([]);
  await imageHostsSetting.change(operator, hosts, now());
  await expect.poll(() => imageHostsSetting.current(), pollOptions).toEqual(hosts);
  const entries = await env.sql<{ data: unknown; actor: string }[]>`
    select data, actor_user_id as actor from audit_log where action = 'image-hosts.changed'`;
  expect(entries.map(({ data, actor }) => ({ data, actor }))).toEqual([
    { data: { from: [], to: hosts }, actor: user.userId },
  ]);
});
