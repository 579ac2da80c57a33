// Evaluated in a page beside axe, which leaves out the text that stands in an empty field until something is typed.
[...document.querySelectorAll("[placeholder]")].flatMap((field) => {
    const colorOf = (value) => {
        const color = new axe.commons.color.Color();
        color.parseString(value);
        return color;
    };
    const ground = colorOf(getComputedStyle(field).backgroundColor);
    const contrast = axe.commons.color.getContrast(ground, colorOf(getComputedStyle(field, "::placeholder").color));
    return contrast >= 4.5 ? [] : [`the placeholder of ${field.outerHTML} has a contrast of ${contrast}`];
});
