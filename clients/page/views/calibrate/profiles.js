// The wearer's profiles, and the one in use.

import { button, make, setText } from "../../dom.js";
import { ProfileList } from "../profile_list.js";
import { UseButton } from "./profile_use.js";

export class Profiles {
  #messages;
  #heading = make("h2", { id: "calibrate-profiles" });
  #download = button("");
  #list;
  #use;

  /** `activate` is called with the version to use, `download` when the wearer wants their data as a file, `use` as for
   * UseButton. */
  constructor(activate, download, use) {
    this.#use = new UseButton(use);
    const attributes = { "data-testid": "calibrate-profiles" };
    this.#list = new ProfileList(activate, (profile, all) => this.#describe(profile, all), attributes);
    this.element = make(
      "section",
      { class: "card profiles-card", "aria-labelledby": "calibrate-profiles" },
      this.#heading, this.#list.element, this.#use.element, this.#download,
    );
    this.#download.addEventListener("click", download);
  }

  setMessages(messages) {
    this.#messages = messages.calibrate;
    this.#list.setMessages(messages);
    setText(this.#heading, messages.calibrate.profilesHeading);
    setText(this.#download, messages.calibrate.download);
  }

  setSession({ profiles }) {
    this.#list.show(profiles);
  }

  /** Offer to use the profiles with this page's own glove; `stream` is as for UseButton. */
  render({ wearer, profiles, model }, stream) {
    const hasOne = profiles.some((each) => each.active && each.model === model);
    this.#use.render({ calibrate: this.#messages }, wearer, { ...stream, isOwn: stream.isOwn && hasOne });
  }

  #describe({ model, examples, words = 0, comparison }, all) {
    const correct = comparison.after === null ? [] : [this.#messages.profileCorrect(comparison.after.accuracy)];
    const count = Object.values(examples).reduce((sum, each) => sum + each, 0);
    const isOfOneModel = new Set(all.map((each) => each.model)).size < 2;
    const ofWords = words === 0 ? [] : [this.#messages.words.of(words)];
    return [...correct, this.#messages.examples(count), ...ofWords, ...(isOfOneModel ? [] : [model])];
  }
}
