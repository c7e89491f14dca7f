import type { Follower } from "#db/follow-changes.ts";
import { imageHostsSetting } from "#lib/chat/images/image-hosts.ts";
import { moderationSetting } from "#lib/chat/moderation/settings.ts";
import { singleton } from "#lib/core/singleton.ts";
import { followHealth } from "#lib/usage/health/follow-health.ts";

const state = () => singleton("shared-state", () => ({ followers: [] as Follower[] }));

/** Keeps this process's copies of shared state up to date: the health of models, and settings. */
export async function followSharedState(): Promise<void> {
  await stopFollowing();
  state().followers = await Promise.all([
    followHealth(),
    moderationSetting.follow(),
    imageHostsSetting.follow(),
  ]);
}

/** Call before the database is closed. */
export async function stopFollowing(): Promise<void> {
  const { followers } = state();
  state().followers = [];
  await Promise.all(followers.map((follower) => follower.stop()));
}
