/** Colours of the theme as the canvas needs them: custom properties resolved for the element's own scheme. */
export function colour_of(near: Element, property: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${property})`;
  near.append(probe);
  const result = getComputedStyle(probe).color;
  probe.remove();
  return result;
}
