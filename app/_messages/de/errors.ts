import type { errors as source } from "#app/_messages/en/errors.ts";
import type { Translation } from "#lib/core/translator.ts";

export const errors: Translation<typeof source> = {
  codes: {
    bad_request: "Diese Anfrage konnte nicht gelesen werden.",
    invalid_input: "Einige Angaben sind ungültig.",
    unsupported_parameter: "Dieser Parameter wird nicht unterstützt.",
    content_blocked:
      "Ihre Nachricht wurde nicht beantwortet, weil sie gegen unsere Inhaltsrichtlinie verstößt. Ihnen wurde nichts berechnet.",
    bad_signature: "Die Signatur stimmt nicht.",
    unauthenticated: "Melden Sie sich an, um fortzufahren.",
    invalid_api_key: "Dieser API-Schlüssel ist ungültig.",
    insufficient_credit: "Dafür reicht Ihr Guthaben nicht.",
    payment_declined: "Ihre Karte wurde abgelehnt. Es wurde nichts abgebucht und nichts geändert.",
    forbidden: "Dazu haben Sie keine Berechtigung.",
    step_up_required: "Bestätigen Sie Ihre Identität, um fortzufahren.",
    plan_required: "Dafür brauchen Sie einen höheren Tarif.",
    not_found: "Das wurde nicht gefunden.",
    model_not_found: "Dieses Modell gibt es nicht.",
    method_not_allowed: "Diese Methode ist hier nicht erlaubt.",
    trial_used:
      "Mit diesem Workspace oder dieser E-Mail-Adresse wurde schon eine kostenlose Testphase genutzt. Sie können stattdessen einen Tarif abonnieren.",
    conflict:
      "In der Zwischenzeit hat sich etwas geändert. Laden Sie die Seite neu und versuchen Sie es noch einmal.",
    context_too_long: "Dieser Chat ist zu lang für das Modell.",
    purchase_refused:
      "Unser Zahlungsdienstleister hat den Kauf nicht angenommen. Es wurde nichts abgebucht, und wir wissen Bescheid.",
    payload_too_large: "Diese Anfrage ist zu groß.",
    unsupported_media_type: "Senden Sie JSON (content-type: application/json).",
    too_many_requests: "Zu viele Anfragen. Versuchen Sie es gleich noch einmal.",
    credit_reserved:
      "Ihr restliches Guthaben ist für laufende Antworten reserviert. Versuchen Sie es gleich noch einmal.",
    internal: "Bei uns ist etwas schiefgegangen. Es wurde nichts berechnet.",
    model_failed: "Das Modell hat nicht geantwortet. Es wurde nichts berechnet.",
    billing_unavailable:
      "Unser Zahlungsdienstleister ist gerade nicht erreichbar. Versuchen Sie es in einigen Minuten noch einmal.",
    model_unavailable: "Dieses Modell ist gerade nicht verfügbar.",
    server_restarting: "Der Server startet gerade neu. Versuchen Sie es gleich noch einmal.",
    model_busy: "Das Modell ist ausgelastet. Versuchen Sie es gleich noch einmal.",
    moderation_unavailable:
      "Ihre Nachricht konnte gerade nicht geprüft werden. Ihnen wurde nichts berechnet. Versuchen Sie es gleich noch einmal.",
    model_timeout: "Das Modell hat zu lange für die Antwort gebraucht.",
  },
  reasons: {
    missing:
      "{resource, select, account {Dieses Konto gibt es nicht.} answer {Diese Antwort gibt es nicht.} authenticatorApp {Sie haben keine Authenticator-App.} conversation {Diesen Chat gibt es nicht.} dataExport {Diesen Download gibt es nicht, oder er ist abgelaufen.} device {Dieses Gerät ist nicht mehr angemeldet.} event {Dieses Ereignis gibt es nicht.} file {Diese Datei gibt es nicht.} invoice {Diese Rechnung gibt es nicht.} key {Diesen API-Schlüssel gibt es nicht.} message {Diese Nachricht gibt es nicht.} passkey {Diesen Passkey gibt es nicht.} page {Diese Seite gibt es nicht.} payment {Diese Zahlung gibt es nicht.} price {Diesen Preis gibt es nicht.} project {Dieses Projekt gibt es nicht.} share {Diesen Link gibt es nicht.} subscription {Sie haben kein Abonnement.} workspace {Diesen Workspace gibt es nicht.} other {Das gibt es nicht.}}",

    accountBeingDeleted: "Dieses Konto wird gerade gelöscht.",
    attemptsExceeded:
      "Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.",
    authenticatorExists: "Entfernen Sie Ihre Authenticator-App, bevor Sie eine andere einrichten.",
    codeExpired: "Dieser Code ist falsch, abgelaufen oder wurde schon verwendet.",
    cookiesNeeded: "Erlauben Sie Cookies, um sich anzumelden.",
    deletionScheduled: "Ihr Konto wird demnächst gelöscht. Brechen Sie zuerst die Löschung ab.",
    deletionByOwnerOnly: "Nur der Inhaber dieses Workspace kann ihn löschen.",
    emailUnconfirmed:
      "Bestätigen Sie zuerst Ihre E-Mail-Adresse. Den Link dafür haben Sie bei der Registrierung erhalten.",
    linkExpired: "Dieser Link ist abgelaufen oder wurde schon verwendet. Fordern Sie einen neuen an.",
    linkOfOtherEmail:
      "Dieser Link gilt für {email}. Melden Sie sich mit dieser Adresse an, um sie zu bestätigen.",
    operatorNeedsFactor:
      "Betreiber brauchen einen zweiten Faktor. Fügen Sie einen anderen hinzu, bevor Sie diesen entfernen.",
    passkeyExists: "Dieser Passkey ist schon registriert.",
    passkeyRejected: "Dieser Passkey konnte nicht geprüft werden. Versuchen Sie es noch einmal.",
    passkeyTimeout: "Das hat zu lange gedauert. Versuchen Sie es noch einmal.",
    passkeyUnknown: "Dieser Passkey ist hier nicht bekannt.",
    passwordMismatch: "E-Mail-Adresse oder Passwort ist falsch.",
    providerEmailUnverified: "Die E-Mail-Adresse dieses Kontos ist dort nicht bestätigt.",
    secondFactorMissing: "Richten Sie zuerst die Zwei-Faktor-Authentifizierung ein.",
    signInExpired: "Die Anmeldung hat zu lange gedauert. Beginnen Sie noch einmal.",
    tooManyPasskeys:
      "Sie haben die Höchstzahl von {max, plural, one {# Passkey} other {# Passkeys}} erreicht. Entfernen Sie zuerst einen.",
    tooManyKeys:
      "Sie haben die Höchstzahl von {max, plural, one {# API-Schlüssel} other {# API-Schlüsseln}} erreicht. Widerrufen Sie zuerst einen.",
    importRunning: "Eine andere Datei wird gerade importiert. Warten Sie, bis sie fertig ist.",
    tooManyShares:
      "Mehr als {max, plural, one {# geteilter Link} other {# geteilte Links}} sind nicht möglich. Widerrufen Sie zuerst einen.",
    workspaceBeingDeleted: "Dieser Workspace wird gerade gelöscht.",

    adminOnly: "Das dürfen nur Inhaber und Admins dieses Workspace.",
    amountChanged:
      "Der Betrag hat sich geändert, seit diese Seite geladen wurde. Es wurde nichts abgebucht. Prüfen Sie ihn und versuchen Sie es noch einmal.",
    canceledPlan: "{plan} ist gekündigt. Nehmen Sie die Kündigung zurück, um den Tarif zu wechseln.",
    cardChanged:
      "Ihre Karte hat sich geändert, seit diese Seite geladen wurde. Es wurde nichts abgebucht. Prüfen Sie sie und versuchen Sie es noch einmal.",
    cardMissing: "Es ist keine Karte mehr hinterlegt. Es wurde nichts abgebucht.",
    cardNotNeeded: "Eine Karte hinterlegen Sie mit Ihrer ersten Zahlung.",
    changeAwaitsPayment:
      "Ein Tarifwechsel wartet noch auf seine Zahlung. Bestätigen oder verwerfen Sie ihn zuerst.",
    declined:
      "{cause, select, bankUnreachable {Ihre Bank war nicht erreichbar.} cardExpired {Ihre Karte ist abgelaufen.} cardLimitReached {Ihre Karte hat vorerst ihr Limit erreicht.} cardNumberWrong {Die Kartennummer ist falsch.} cardUnsupported {Ihre Karte unterstützt diese Art von Zahlung nicht.} confirmationFailed {Die Zahlung wurde bei Ihrer Bank nicht bestätigt.} confirmationRequired {Sie müssen diese Zahlung bei Ihrer Bank bestätigen.} currencyUnsupported {Ihre Karte unterstützt diese Währung nicht.} insufficientFunds {Ihre Karte ist nicht ausreichend gedeckt.} securityCodeWrong {Die Prüfnummer Ihrer Karte ist falsch.} other {Ihre Bank hat die Karte abgelehnt.}} Es wurde nichts abgebucht. Versuchen Sie es noch einmal oder mit einer anderen Karte.",
    invoiceNotOpen: "Diese Rechnung ist nicht mehr offen. Es wurde nichts abgebucht.",
    nothingToConfirm:
      "Es gibt nichts mehr zu bestätigen. Laden Sie die Seite neu, um den aktuellen Stand zu sehen.",
    nothingToManage: "Vor Ihrer ersten Zahlung gibt es hier nichts zu verwalten.",
    openInvoice: "Bezahlen Sie zuerst die offene Rechnung, um den Tarif zu wechseln.",
    overageNeedsPlan: "Für Zusatznutzung brauchen Sie einen kostenpflichtigen Tarif ohne offene Rechnungen.",
    notForSale:
      "Das ist gerade nicht erhältlich. Es wurde nichts abgebucht, und wir wissen Bescheid. Versuchen Sie es später oder wählen Sie etwas anderes.",
    otherCurrency:
      "Ihr Konto wird in {currency} abgerechnet, dieser Preis ist in {priceCurrency}. Es wurde nichts abgebucht. Wir wissen Bescheid und melden uns.",
    paidInOtherWindow:
      "In einem anderen Fenster ist gerade eine Zahlung eingegangen. Sehen Sie auf der Abrechnungsseite nach.",
    paymentProcessing:
      "Ihre Zahlung für {plan} wird noch verarbeitet. Sehen Sie gleich auf der Abrechnungsseite nach.",
    planPaused:
      "{plan} ist pausiert. Kündigen Sie den Tarif zuerst auf der Abrechnungsseite und wählen Sie dann einen neuen.",
    planUnpaid:
      "Die letzte Rechnung für {plan} ist unbezahlt. Bezahlen Sie sie auf der Abrechnungsseite, oder kündigen Sie {plan} dort und wählen Sie neu.",
    priceChanged:
      "Der Preis hat sich geändert, seit diese Seite geladen wurde. Prüfen Sie ihn und versuchen Sie es noch einmal.",
    subscribedAlready: "Sie haben {plan} schon. Den Tarif wechseln Sie auf der Abrechnungsseite.",
    subscriptionExists: "Sie haben schon ein Abonnement. Sie verwalten es auf der Abrechnungsseite.",
    tooManyTaxIds: "Sie können bis zu fünf Steuernummern hinterlegen. Entfernen Sie zuerst eine.",

    answerBroken: "Die Antwort wurde unterbrochen.",
    answerComplete:
      "Diese Antwort ist vollständig. Erzeugen Sie sie neu, oder senden Sie eine neue Nachricht.",
    answerEmpty: "Das Modell hat eine leere Antwort geliefert. Es wurde nichts berechnet.",
    answerRefused: "Das Modell hat die Antwort verweigert. Es wurde nichts berechnet.",
    answerRunning:
      "Die Antwort oben wird noch geschrieben. Warten Sie, bis sie fertig ist, oder stoppen Sie sie.",
    messageExists: "Eine Nachricht mit dieser ID gibt es schon.",
    messageTooLong:
      "Diese Nachricht ist zu lang für {model}. Kürzen Sie sie oder wählen Sie ein Modell mit größerem Kontext.",
    modelNeedsPlan: "Für {model} brauchen Sie einen höheren Tarif.",
    tooManyProjects:
      "Sie haben die Höchstzahl von {max, plural, one {# Projekt} other {# Projekten}} erreicht. Löschen Sie zuerst eines.",
    modelNotOffered: "Dieses Modell ist nicht verfügbar. Wählen Sie ein anderes.",
    fileChanged: "Diese Datei gehört schon zu einer Nachricht. Fügen Sie sie erneut hinzu.",
    fileEmpty: "Diese Datei ist leer.",
    fileEncrypted:
      "Diese Datei ist mit einem Passwort geschützt. Speichern Sie sie ohne Passwort und versuchen Sie es erneut.",
    fileIncomplete: "Der Upload wurde unterbrochen. Versuchen Sie es erneut.",
    fileMissing:
      "Eine Datei dieser Nachricht ist nicht mehr verfügbar. Entfernen Sie sie und fügen Sie sie erneut hinzu.",
    filesFull:
      "Ihr Tarif speichert Dateien bis {max}. Löschen Sie Chats mit Dateien oder wechseln Sie in einen höheren Tarif.",
    fileTooLarge: "Diese Datei ist größer als {max}.",
    fileTooLong: "Dieses Dokument ist zu lang. Teilen Sie es und fügen Sie den Teil hinzu, den Sie brauchen.",
    fileUnreadable: "Diese Datei ist nicht lesbar. Sie könnte beschädigt sein.",
    fileUnsupported: "Dieser Dateityp wird nicht unterstützt.",
    fileWithoutText:
      "Dieses Dokument enthält keinen Text, wie ein Scan. Fügen Sie seine Seiten als Bilder hinzu.",
    imageTooLarge:
      "Dieses Bild ist zu groß. Erlaubt sind höchstens {side} × {side} Pixel, 40 Megapixel und 8 MB.",
    modelWithoutImages: "{model} kann keine Bilder sehen. Wählen Sie ein Modell, das es kann.",

    creditGivenAlready:
      "Dieses Formular wurde schon abgeschickt und das Guthaben gutgeschrieben. Laden Sie die Seite neu, um mehr zu geben.",
    driftRemains:
      "Ein Abgleich behebt das nicht: {findings}. Ändern Sie es in Stripe und versuchen Sie es noch einmal.",
    noStripeCustomer: "Für diesen Workspace gibt es bei Stripe keinen Kunden.",
  },
  fields: {
    addressRejected: "Prüfen Sie die Adresse. Unser Zahlungsdienstleister hat sie nicht angenommen.",
    amountInvalid: "Geben Sie einen Betrag ein, zum Beispiel 5 oder 2.50.",
    amountOutOfRange: "Geben Sie einen Betrag von {min, number, usd} bis {max, number, usd} ein.",
    amountTooHigh: "Geben Sie höchstens {max, number, usd} ein.",
    amountTooLow: "Geben Sie einen Betrag über null ein.",
    choiceMissing: "Treffen Sie eine Auswahl.",
    codeMissing: "Geben Sie einen Code ein.",
    codeWrong: "Dieser Code ist falsch. Versuchen Sie den neuesten.",
    countryMissing: "Wählen Sie ein Land.",
    currentPasswordWrong: "Das ist nicht Ihr aktuelles Passwort.",
    dateInPast: "Wählen Sie ein Datum in der Zukunft.",
    dateMissing: "Wählen Sie ein Datum.",
    emailInvalid: "Geben Sie eine gültige E-Mail-Adresse ein, zum Beispiel name@example.com.",
    emailMismatch: "Geben Sie zur Bestätigung {email} ein.",
    imageHost: "Geben Sie bis zu 20 Hostnamen ein, einen pro Zeile, zum Beispiel images.example.com.",
    invalid: "Prüfen Sie diese Angabe.",
    invoiceNameMissing: "Geben Sie den Namen für Ihre Rechnungen ein.",
    keyNameMismatch: "Geben Sie zur Bestätigung „{name}“ ein.",
    nameMissing: "Geben Sie einen Namen ein.",
    numberWhole: "Geben Sie einen ganzen Dollarbetrag ein.",
    passwordWrong: "Das ist nicht Ihr Passwort.",
    passwordCommon: "Dieses Passwort ist zu verbreitet. Wählen Sie ein anderes.",
    passwordPersonal:
      "Wählen Sie ein Passwort ohne Ihren Namen, Ihre E-Mail-Adresse oder den Namen dieses Produkts.",
    passwordMissing: "Geben Sie Ihr Passwort ein.",
    permissionMissing: "Wählen Sie mindestens eine Berechtigung.",
    reasonMissing: "Geben Sie einen Grund für das Protokoll an.",
    streetMissing: "Geben Sie Straße und Hausnummer ein.",
    taxIdMissing: "Geben Sie die Steuernummer ein.",
    taxIdRejected: "Geben Sie eine gültige Steuernummer ein, zum Beispiel {example}.",
    taxIdTypeMissing: "Wählen Sie die Art der Steuernummer.",
    titleMissing: "Geben Sie einen Titel ein.",
    tooLong: "Verwenden Sie höchstens {max, plural, one {# Zeichen} other {# Zeichen}}.",
    tooShort: "Verwenden Sie mindestens {min, plural, one {# Zeichen} other {# Zeichen}}.",
  },
};
