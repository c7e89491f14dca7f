import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import { isTestAccount, testAccountList } from "#sandbox/stripe/payments/test-accounts.ts";

/** Validates an IBAN and returns it without spaces, or an error message. */
export function readIban(typed: string): { iban: string } | { message: string } {
  const iban = typed.replace(/\s/g, "").toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return { message: "Your IBAN is incomplete." };
  if (isTestAccount(iban)) return { iban };
  return { message: `The sandbox accepts test accounts only. Try ${testAccountList[0]?.iban ?? ""}.` };
}

/** Renders the fields of a SEPA debit. */
export function debitFields(iban: string, accountName: string): Html {
  return html`<div class="field"><label for="iban">IBAN</label>
<input id="iban" name="iban" value="${iban}" autocomplete="off" placeholder="AT61 1904 3002 3457 3201" maxlength="42"></div>
<div class="field"><label for="account-name">Account holder</label>
<input id="account-name" name="account_name" value="${accountName}" autocomplete="name" maxlength="100"></div>
<p class="soft">Your bank confirms the payment later. By paying, you authorize this debit.</p>`;
}

/** Renders the button that fills in a test account, and the list of test accounts. */
export function testAccountHelp(): Html {
  const fill = JSON.stringify({
    iban: testAccountList[0]?.iban,
    account_name: "Ada Lovelace",
    email: "ada@example.com",
  });
  return html`<p><button type="button" data-fill="${fill}">Fill in test account</button></p>
<details><summary>Other test accounts</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Test accounts"><table>
<thead><tr><th scope="col">IBAN</th><th scope="col">Result</th></tr></thead>
<tbody>${testAccountList.map(({ iban, label }) => html`<tr><td>${iban}</td><td>${label}</td></tr>`)}</tbody>
</table></div></details>`;
}
