import { beforeAll, expect, it, vi } from "vitest";
import { refuseWeakPassword } from "#lib/accounts/refuse-weak-password.ts";
import { errorOf } from "#tests/integration/accounts/account-fixtures.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

const owner = { email: "grace.hopper@navy.example", name: "Grace Hopper" };

beforeAll(() => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
});

it.each(["1234567890", "password12", "Password123", "qwertyuiop", "basketball!!", "2024dragon2024"])(
  "S9: the common password %s is refused",
  async (password) => {
    const error = await errorOf(refuseWeakPassword(password, owner, "password"));
    expect(error).toMatchObject({ code: "invalid_input", fields: [{ path: "password" }] });
  },
);

it.each(["parley-2026", "Parley Parley", "grace.hopper@navy.example", "GraceHopper1906", "navy-grace-99"])(
  "S9: %s is refused, because it is the product's name or the user's own",
  async (password) => {
    const error = await errorOf(refuseWeakPassword(password, owner, "newPassword"));
    expect(error).toMatchObject({ code: "invalid_input", fields: [{ path: "newPassword" }] });
  },
);

it.each(["correct horse battery", "parley of the seven seas", "grace under pressure", "пароль из слов"])(
  "S9: %s is accepted",
  (password) => refuseWeakPassword(password, owner, "password"),
);
