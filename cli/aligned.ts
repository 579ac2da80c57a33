/** Columns as wide as their widest cell; numbers to the right. */
export function aligned(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
    const lines = [head, ...rows];
    const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
    return lines.map((line) =>
        line
            .map((cell, column) =>
                isNumber(rows, column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
            )
            .join("  ")
            .trimEnd(),
    );
}

function isNumber(rows: readonly (readonly string[])[], column: number): boolean {
    return rows.length > 0 && rows.every((row) => /^(\d[\d.]*( ms| s)?)?$/.test(row[column] ?? ""));
}
