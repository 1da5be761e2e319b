// Buttons that copy a text to the clipboard. Browsers have one on HTTPS and on this machine only.

const SHOWN_MILLIS = 1500;

/** Returns a button that copies what the function returns at that time. */
export function copyButton(text) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not possible here";
    }
    setTimeout(() => { button.textContent = "Copy"; }, SHOWN_MILLIS);
  });
  return button;
}
