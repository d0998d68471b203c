"use strict";
{
  const chosen = ["criterion", "level", "decision"].map((name) => document.getElementById(`filter-${name}`));
  const contacts = [...document.querySelectorAll("#contacts > details")];
  const count = document.getElementById("filter-count");
  const fits = (rating) => rating.split(":").every((part, place) => !chosen[place].value || chosen[place].value === part);
  const filter = () => {
    for (const contact of contacts) contact.hidden = !contact.dataset.ratings.split(" ").some(fits);
    count.textContent = contacts.filter((contact) => !contact.hidden).length;
  };
  const open = () => {
    const target = location.hash.startsWith("#contact-") && document.getElementById(location.hash.slice(1));
    if (!target) return;
    target.hidden = false;
    target.open = true;
    target.scrollIntoView();
  };
  if (count) {
    document.getElementById("filter").hidden = false;
    for (const one of chosen) one.addEventListener("change", filter);
    filter();
    addEventListener("hashchange", open);
    open();
  }
}
