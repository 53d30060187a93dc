// The viewer without script is a plain form and plain links; this makes it quicker.
(() => {
    "use strict";

    // A parameter that others depend on was changed: ask for the form anew. The server drops what is no choice any more.
    function refresh(form) {
        const only = document.createElement("input");
        only.type = "hidden";
        only.name = "rv:PromptsOnly";
        only.value = "true";
        form.append(only);
        form.submit();
    }

    function summarise(list) {
        const boxes = [...list.querySelectorAll(".bv-choices input[name]")];
        const chosen = boxes.filter((box) => box.checked);
        list.querySelector("summary").textContent = chosen.length === 1
            ? chosen[0].parentElement.textContent.trim()
            : chosen.length === boxes.length ? "All chosen" : `${chosen.length} of ${boxes.length} chosen`;
    }

    function addSelectAll(list) {
        const label = document.createElement("label");
        const box = document.createElement("input");
        box.type = "checkbox";
        const boxes = () => [...list.querySelectorAll(".bv-choices input[name]")];
        box.checked = boxes().every((other) => other.checked);
        box.addEventListener("change", (event) => {
            for (const other of boxes())
                other.checked = box.checked;
            summarise(list);
            event.stopPropagation();
            if (boxes().some((other) => "parent" in other.dataset))
                boxes()[0].dispatchEvent(new Event("change", { bubbles: true }));
        });
        label.append(box, " Select all");
        list.querySelector(".bv-choices").prepend(label);
    }

    function followNull(box) {
        const field = box.closest(".bv-field");
        const apply = () => {
            for (const control of field.querySelectorAll("input:not([type=checkbox]), select, textarea"))
                control.disabled = box.checked;
        };
        box.addEventListener("change", apply);
        apply();
    }

    for (const form of document.querySelectorAll(".bv-form")) {
        form.addEventListener("change", (event) => {
            const list = event.target.closest(".bv-multi");
            if (list)
                summarise(list);
            if ("parent" in event.target.dataset)
                refresh(form);
        });
        form.querySelectorAll(".bv-multi").forEach(addSelectAll);
        form.querySelectorAll(".bv-null input").forEach(followNull);
    }

    // On a small screen the report comes first once it has run.
    if (document.querySelector(".bv-report") && matchMedia("(max-width: 40rem)").matches)
        for (const prompts of document.querySelectorAll(".bv-prompts"))
            prompts.open = false;

    for (const print of document.querySelectorAll("[data-print]")) {
        print.hidden = false;
        print.addEventListener("click", () => window.print());
    }

    // Matches of a search that are on this page need no other page.
    for (const next of document.querySelectorAll("[data-next]"))
        next.addEventListener("click", (event) => {
            const now = document.querySelector(".bv-report .fi.now[id]");
            const number = now ? Number(now.id.match(/\d+$/)[0]) + 1 : 0;
            const other = now && document.getElementById(now.id.replace(/\d+$/, number));
            if (!other)
                return;
            event.preventDefault();
            // A match may have several parts: all of them up to the next one's first.
            for (const part of document.querySelectorAll(".bv-report .fi.now"))
                part.classList.remove("now");
            other.classList.add("now");
            other.tabIndex = -1;
            other.focus();
            other.scrollIntoView({ block: "center" });
            next.nextElementSibling.textContent = next.nextElementSibling.textContent.replace(/^\d+/, number);
            const link = new URL(next.href);
            const total = document.querySelectorAll(".bv-report .fi[id]").length;
            if (number < total) {
                next.href = next.href.replace(/rv:FindAt=\d+/, `rv:FindAt=${number + 1}`);
                return;
            }
            const page = Number(link.searchParams.get("rc:Section"));
            const pages = Number(document.querySelector(".bv-page input[type=number]").max);
            const from = page < pages ? page + 1 : 1;
            next.href = next.href.replace(/rc:StartFind=\d+/, `rc:StartFind=${from}`)
                .replace(/rc:EndFind=\d+/, `rc:EndFind=${from > 1 ? from - 1 : pages}`)
                .replace(/rv:FindAt=\d+/, "rv:FindAt=1");
        });

    // What was opened and closed stays so on other pages, and when the report is sorted: links and forms say it.
    const links = [...document.querySelectorAll('.bv a[href*="rs:Command=Render"]')].map((link) => [link, link.getAttribute("href")]);
    document.addEventListener("change", (event) => {
        if (!event.target.matches(".bv-report .tg"))
            return;
        const flipped = [...document.querySelectorAll(".bv-report .tg")].filter((box) => box.checked !== box.defaultChecked)
            .slice(0, 200).map((box) => box.id);
        for (const [link, href] of links) {
            const [address, place] = href.split("#");
            const value = /&(?:rc:Section|rv:Sort)=[^&]*$/.exec(address);
            const at = value ? value.index : address.length; // scripts put sorts behind the last "="
            link.setAttribute("href", address.slice(0, at) + flipped.map((id) => `&rs:ShowHideToggle=${id}`).join("")
                + address.slice(at) + (place === undefined ? "" : "#" + place));
        }
        for (const form of document.querySelectorAll(".bv-page, .bv-find")) {
            form.querySelectorAll("[data-flipped]").forEach((field) => field.remove());
            for (const id of flipped) {
                const field = document.createElement("input");
                field.type = "hidden";
                field.name = "rs:ShowHideToggle";
                field.value = id;
                field.dataset.flipped = "";
                form.append(field);
            }
        }
    });

    // "Page width" and "Whole page": only here is known how large the window is.
    for (const report of document.querySelectorAll("[data-fit]")) {
        const root = report.querySelector(".rs");
        const page = root && root.querySelector(".p");
        const fit = () => {
            root.style.zoom = 1;
            const free = document.documentElement.clientWidth - 2 * report.getBoundingClientRect().left
                - (report.offsetWidth - report.clientWidth) - 40;
            const high = innerHeight - report.getBoundingClientRect().top - 40;
            const wide = free / page.scrollWidth;
            root.style.zoom = Math.max(.1, Math.min(5, report.dataset.fit === "page" ? Math.min(wide, high / page.scrollHeight) : wide));
        };
        if (page) {
            fit();
            addEventListener("resize", fit);
        }
    }

    // A click sorts by one column; with Shift it is added to the sorts that are there.
    document.addEventListener("click", (event) => {
        const link = event.target.closest("a.so");
        if (!link || !event.shiftKey)
            return;
        const name = "rv:Sort=";
        const root = link.href.slice(0, link.href.lastIndexOf(name) + name.length);
        const item = link.dataset.sort.split(":")[0];
        const others = (new URL(location.href).searchParams.get("rv:Sort") || "").split(",")
            .filter((sort) => sort && sort.split(":")[0] !== item);
        event.preventDefault();
        location.assign(root + encodeURIComponent([...others, link.dataset.sort].join(",")));
    });

    // Menus close when something else is clicked, and with Escape.
    const menus = document.querySelectorAll(".bv-menu, .bv-multi");
    document.addEventListener("click", (event) => {
        for (const menu of menus)
            if (!menu.contains(event.target))
                menu.open = false;
    });
    document.addEventListener("keydown", (event) => {
        if (event.key === "Escape")
            for (const menu of menus)
                menu.open = false;
    });
})();
