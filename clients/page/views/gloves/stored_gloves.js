// The gloves that the service keeps: their profiles, which one is used, and their files.

import { button, make, setText } from "../../dom.js";
import { ProfileList } from "../profile_list.js";
import { verdictOf } from "./labels.js";

export class StoredGloves {
  #act;
  #messages;
  #shown = null; // the glove on show: { glove, profiles }, or null
  #isOwn = false;
  #ownProfile = null;
  #heading = make("h2", { id: "gloves-kept" });
  #label = make("label", { for: "gloves-kept-choice", class: "muted" });
  #choice = make("select", { id: "gloves-kept-choice", "data-testid": "kept-gloves" });
  #choiceField = make("p", { class: "form-row", hidden: true }, this.#label, this.#choice);
  #none = make("p", { class: "muted" });
  #profiles;
  #use = button("", { "data-testid": "use-glove" });
  #download = button("");
  #remove = button("");
  #buttons = make("div", { class: "buttons", hidden: true }, this.#use, this.#download, this.#remove);
  #input = make("input", { type: "file", accept: ".json,application/json", hidden: true, "data-testid": "glove-file" });
  #import = button("");
  #refused = null; // a file whose glove exists already
  #replaceText = make("span");
  #replace = button("");
  #replaceField = make("p", { class: "form-row", role: "status", hidden: true, "data-testid": "replace-glove" }, this.#replaceText, this.#replace);

  /** `act` has show(name), activate(name, version), use(name), export(name), remove(name) and import(file, replace), which
   * resolves with whether there is a glove of this name already. */
  constructor(act) {
    this.#act = act;
    const attributes = { "data-testid": "glove-profiles" };
    this.#profiles = new ProfileList((version) => act.activate(this.#shown.glove, version), (profile) => this.#describe(profile), attributes);
    this.element = make(
      "section",
      { class: "card profiles-card", "aria-labelledby": "gloves-kept" },
      this.#heading, this.#none, this.#choiceField, this.#profiles.element, this.#buttons, this.#import, this.#input, this.#replaceField,
    );
    this.#choice.addEventListener("change", () => act.show(this.#choice.value));
    this.#use.addEventListener("click", () => act.use(this.#isUsed ? null : this.#shown.glove));
    this.#download.addEventListener("click", () => act.export(this.#shown.glove));
    this.#remove.addEventListener("click", () => this.#confirmRemoval());
    this.#import.addEventListener("click", () => this.#input.click());
    this.#input.addEventListener("change", () => this.#importFile([...this.#input.files][0], false));
    this.#replace.addEventListener("click", () => this.#importFile(this.#refused, true));
  }

  setMessages(messages) {
    this.#messages = messages;
    const { gloves } = messages;
    this.#profiles.setMessages(messages);
    setText(this.#heading, gloves.keptHeading);
    setText(this.#label, gloves.keptLabel);
    setText(this.#none, gloves.noneKept);
    setText(this.#download, gloves.download);
    setText(this.#remove, gloves.remove);
    setText(this.#import, gloves.import);
    setText(this.#replaceText, messages.problems.glove_exists);
    setText(this.#replace, gloves.replace);
    this.#show();
  }

  /** Show the gloves of the service, and the profiles of one of them, { glove, profiles }, or null. */
  offer(names, shown) {
    this.#choice.replaceChildren(...names.map((name) => new Option(name, name, false, name === shown?.glove)));
    this.#choiceField.hidden = names.length === 0;
    this.#none.hidden = names.length > 0;
    this.#shown = shown;
    this.#show();
  }

  /** `isOwn`: this page reads a glove itself, with the profile `ownProfile` or null. */
  render(isOwn, ownProfile) {
    if (isOwn === this.#isOwn && ownProfile === this.#ownProfile) return;
    [this.#isOwn, this.#ownProfile] = [isOwn, ownProfile];
    this.#show();
  }

  get #isUsed() {
    return this.#shown !== null && this.#ownProfile === this.#shown.glove;
  }

  #show() {
    const { gloves } = this.#messages;
    this.#profiles.element.hidden = this.#buttons.hidden = this.#shown === null;
    this.#profiles.show(this.#shown?.profiles ?? []);
    this.#use.hidden = !this.#isOwn || (!this.#isUsed && (this.#shown?.active ?? null) === null);
    setText(this.#use, this.#isUsed ? gloves.useNone : gloves.useThis);
  }

  /** Describe a profile by its hand and by what was found of its fingers. */
  #describe({ profile, findings }) {
    const { gloves } = this.#messages;
    const faults = findings.filter((finding) => verdictOf(finding, this.#messages).tone !== "good").length;
    return [gloves.hands[profile.hand], ...(findings.length === 0 ? [] : [gloves.faults(faults)])];
  }

  #confirmRemoval() {
    const { glove } = this.#shown;
    if (window.confirm(this.#messages.gloves.confirmRemoval(glove))) this.#act.remove(glove);
  }

  async #importFile(file, replace) {
    this.#input.value = ""; // so that the same file can be selected again
    if (file === undefined) return;
    const exists = await this.#act.import(file, replace);
    this.#refused = exists ? file : null;
    this.#replaceField.hidden = !exists;
    if (exists) this.#replace.focus();
    else this.#import.focus();
  }
}
