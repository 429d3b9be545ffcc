// A host of files that knows no redirects has nothing at a thing's address: its page lies there with .html behind it.
"use strict";

const path = location.pathname.replace(/\/+$/, "");
if (path && !/\.[a-z]+$/.test(path)) {
  fetch(`${path}.html`, { method: "HEAD" }).then((answer) => {
    if (answer.ok) location.replace(`${path}.html${location.search}${location.hash}`);
  });
}
