/* Passkeys: shows what this browser can do here, and asks it for a passkey. What is said between browser and server is
   Flask-Security's own script; this one only decides when, and what the person sees. */
"use strict";
(() => {
  const place = document.querySelector("[data-passkey-origin]");
  if (!place) return;
  const show = (part, yes) => document.querySelectorAll(`[data-passkey="${part}"]`).forEach((each) => { each.hidden = !yes; });
  const able = "PublicKeyCredential" in window && location.origin === place.dataset.passkeyOrigin;
  show("able", able);
  show("unable", !able);
  const form = document.querySelector("form[data-passkey-options]");
  if (!able || !form) return;

  const say = (part) => ["asking", "failed", "known"].forEach((each) => show(each, each === part));
  const ask = async () => {
    say("asking");
    const speak = form.dataset.passkeyNew ? handleRegister : handleSignin;
    const { credential, error_msg: error } = await speak(form.dataset.passkeyOptions);
    if (credential) {
      form.elements.credential.value = credential;
      form.submit();
    } else {
      say(String(error).includes("InvalidStateError") ? "known" : "failed");
    }
  };
  // some browsers ask only after a press
  document.querySelectorAll("[data-passkey-again]").forEach((button) => button.addEventListener("click", ask));
  ask();
})();
