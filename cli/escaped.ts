/** Text as HTML, whatever is in it. */
export function escaped(text: string): string {
    return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
