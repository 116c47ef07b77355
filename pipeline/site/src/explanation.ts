/**
 * The API's explanations as elements. They were sanitised when the course was released; here they are still taken
 * apart and built again from a closed list, so that no answer of a server becomes markup by itself.
 */

const ELEMENTS = new Set([
  ..."p br hr strong em b i code pre sub sup ul ol li blockquote a span div h2 h3 h4 table thead tbody tr th td".split(" "),
  ..."math semantics annotation mrow mi mn mo ms mtext mspace msup msub msubsup mfrac msqrt mroot".split(" "),
  ..."munder mover munderover mtable mtr mtd mstyle mpadded mphantom menclose mfenced mmultiscripts mprescripts none".split(" "),
]);
/** Left out with all they hold; anything else that is unknown gives its text. */
const DROPPED = new Set(["script", "style", "template", "iframe", "object", "embed", "svg", "form", "noscript"]);
const ATTRIBUTES = new Set([
  ..."title lang dir colspan rowspan scope start".split(" "),
  ..."display encoding mathvariant stretchy fence separator accent columnalign rowspacing columnspacing".split(" "),
]);
const MATHML = "http://www.w3.org/1998/Math/MathML";

interface Policy {
  createHTML(text: string): string;
}

interface Factory {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): Policy;
}

/** Where the browser enforces Trusted Types, even an inert parse needs a named policy: this is the only one. */
function policy(): Policy {
  const rules = { createHTML: (text: string) => text };
  const factory = (window as { trustedTypes?: Factory }).trustedTypes;
  return factory?.createPolicy("lectern", rules) ?? rules;
}

let named: Policy | null = null;

/** The elements of a sanitised piece of HTML. */
export function explanation(html: string): DocumentFragment {
  named ??= policy();
  // A parsed document that is never shown runs no script and loads no image.
  const parsed = new DOMParser().parseFromString(named.createHTML(html), "text/html");
  const fragment = document.createDocumentFragment();
  copy(parsed.body, fragment);
  return fragment;
}

function copy(from: Element, to: Node): void {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.appendChild(document.createTextNode(node.textContent ?? ""));
    else if (node instanceof Element) copyElement(node, to);
  }
}

/** True for what a lesson may link to: pages, also by a path from here, and mail. */
function leads(href: string): boolean {
  try {
    return ["http:", "https:", "mailto:"].includes(new URL(href, location.href).protocol);
  } catch {
    return false;
  }
}

function copyElement(source: Element, to: Node): void {
  const name = source.localName;
  if (DROPPED.has(name)) return;
  if (!ELEMENTS.has(name)) return copy(source, to);
  const element =
    source.namespaceURI === MATHML ? document.createElementNS(MATHML, name) : document.createElement(name);
  for (const { name: attribute, value } of source.attributes) {
    if (ATTRIBUTES.has(attribute)) element.setAttribute(attribute, value);
    else if (attribute === "href" && leads(value)) element.setAttribute("href", value);
    else if (attribute === "class" && /^[\w -]*$/.test(value)) element.setAttribute("class", value);
  }
  copy(source, element);
  to.appendChild(element);
}
