// Images that wait for the next message: chosen, pasted or dropped, and sent as data URLs.

import { element } from "./answer.js";

export class Images {
  #list;
  #changed;
  /** The name and the data URL of each image. */
  #images = [];

  /** @param changed is called when images have been added or removed */
  constructor(list, changed) {
    this.#list = list;
    this.#changed = changed;
  }

  get count() {
    return this.#images.length;
  }

  /** Adds those of the files that are images, and returns whether there are any. */
  add(files) {
    const images = [...files].filter((file) => file.type.startsWith("image/"));
    Promise.all(images.map(read)).then((each) => {
      this.#images.push(...each.filter((image) => image.url));
      this.#show();
    });
    return images.length > 0;
  }

  /** Returns the images, which no longer wait. */
  take() {
    const images = this.#images;
    this.#images = [];
    this.#show();
    return images;
  }

  #show() {
    this.#list.replaceChildren(
      ...this.#images.map((image) => {
        const button = element("button", "", `${image.name} ×`);
        button.type = "button";
        button.title = "Remove this image";
        button.addEventListener("click", () => {
          this.#images = this.#images.filter((each) => each !== image);
          this.#show();
        });
        return button;
      }),
    );
    this.#list.hidden = !this.#images.length;
    this.#changed();
  }
}

/** The name and the data URL of a file; the URL is empty if it cannot be read. */
function read(file) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.addEventListener("loadend", () => resolve({ name: file.name || "image", url: reader.result ?? "" }));
    reader.readAsDataURL(file);
  });
}
