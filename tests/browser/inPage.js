// Evaluated in a page: what of it a person can see. Plain JavaScript, since it runs in the browser.
(() => {
    const isSeen = (element) => {
        const { width, height } = element.getBoundingClientRect();
        return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    };
    const boxOf = (element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return { left, right, top: top + scrollY, bottom: bottom + scrollY };
    };
    /** What scrolls by itself may be wider than the window. */
    const isInOwnScroller = (element) => {
        for (let above = element.parentElement; above; above = above.parentElement) {
            if (/auto|scroll|hidden/.test(getComputedStyle(above).overflowX)) {
                return true;
            }
        }
        return false;
    };
    const { clientWidth, scrollWidth } = document.documentElement;
    const seen = [...document.body.querySelectorAll("*")].filter(isSeen);
    return {
        overflow: scrollWidth - clientWidth,
        outside: seen
            .filter((element) => !isInOwnScroller(element))
            .filter((element) => boxOf(element).left < -0.5 || boxOf(element).right > clientWidth + 0.5)
            .map((element) => element.outerHTML.slice(0, 200)),
        cut: seen
            .filter((element) => getComputedStyle(element).overflowX === "hidden")
            .filter((element) => element.scrollWidth > element.clientWidth + 1)
            .map((element) => element.outerHTML.slice(0, 200)),
        ground: getComputedStyle(document.body).backgroundColor,
        items: [...document.querySelectorAll(".item")].filter(isSeen).map((item) => ({
            name: item.dataset.name,
            text: item.innerText,
            box: boxOf(item),
            arrow: boxOf(item.querySelector(".arrow")),
            ends: [...item.querySelectorAll(".end")]
                .filter(isSeen)
                .map((end) => ({ text: end.innerText, box: boxOf(end) })),
        })),
    };
})();
