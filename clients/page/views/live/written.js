// The line being written, the letters it is made of, and the buttons that change it.

import { byId, setText } from "../../dom.js";

export class Written {
  constructor(page) {
    byId("edits").addEventListener("click", ({ target }) => {
      const { edit } = target.dataset;
      if (edit !== undefined) page.edit(edit);
    });
  }

  /** `text` is the last message of this type, or null. */
  render(text) {
    setText(byId("committed"), text?.committed ?? "");
    setText(byId("composing"), text?.composing ?? "");
    setText(byId("line"), text?.letters ?? "");
  }
}
