// Every page works without this; it adds dropping files, asking before deleting, and the choice of view.
(() => {
    "use strict";

    for (const form of document.querySelectorAll("form[data-confirm]"))
        form.addEventListener("submit", (event) => {
            const name = form.querySelector("[data-name]").dataset.name;
            if (!confirm(`Delete "${name}"? This cannot be undone.`))
                event.preventDefault();
        });

    // Links to a part of the properties page.
    for (const link of document.querySelectorAll("a[data-part]"))
        link.hash = link.dataset.part;

    for (const back of document.querySelectorAll("[data-back]")) {
        back.hidden = history.length < 2;
        back.addEventListener("click", () => history.back());
    }

    // Tiles or a list, remembered in this browser.
    for (const button of document.querySelectorAll("[data-view]")) {
        const show = (view) => {
            document.body.classList.toggle("as-list", view === "list");
            button.textContent = view === "list" ? "Tiles" : "List";
        };
        const remembered = () => {
            try { return localStorage.getItem("view"); } catch { return null; }
        };
        button.hidden = false;
        show(remembered());
        button.addEventListener("click", () => {
            const view = document.body.classList.contains("as-list") ? "tiles" : "list";
            try { localStorage.setItem("view", view); } catch { /* it holds for this page */ }
            show(view);
        });
    }

    // One menu at a time; a click elsewhere and Escape close it.
    const menus = [...document.querySelectorAll("details.menu")];
    document.addEventListener("click", (event) => {
        for (const menu of menus)
            if (!menu.contains(event.target))
                menu.open = false;
    });
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Escape")
            return;
        for (const menu of menus.filter((open) => open.open)) {
            menu.open = false;
            menu.querySelector("summary").focus();
        }
    });

    // Files dropped anywhere on a folder's page go into its upload form.
    const upload = document.querySelector("form.upload");
    if (upload) {
        const files = upload.querySelector("input[type=file]");
        const holdsFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
        const panel = upload.closest("details");
        document.addEventListener("dragover", (event) => {
            if (!holdsFiles(event))
                return;
            event.preventDefault();
            document.body.classList.add("dropping");
        });
        document.addEventListener("dragleave", (event) => {
            if (!event.relatedTarget)
                document.body.classList.remove("dropping");
        });
        document.addEventListener("drop", (event) => {
            if (!holdsFiles(event))
                return;
            event.preventDefault();
            document.body.classList.remove("dropping");
            files.files = event.dataTransfer.files;
            panel.open = true;
            upload.querySelector("button").focus();
        });
    }
})();
