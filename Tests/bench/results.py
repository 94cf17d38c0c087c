"""What the benches print: Markdown tables, and a PASS or FAIL for each requirement."""


class Results:
    """Prints lines, and keeps them for the file that comes with the project."""

    def __init__(self):
        self.lines, self.verdicts, self.failed = [], [], []

    def say(self, text=""):
        print(text, flush=True)
        self.lines.append(text)

    def table(self, head, rows):
        """A Markdown table that reads well as text: first column to the left, numbers to the right."""
        rows = [[str(cell) for cell in row] for row in rows]
        widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]

        def line(row):
            return "| " + " | ".join(x.ljust(w) if i == 0 else x.rjust(w)
                                     for i, (x, w) in enumerate(zip(row, widths))) + " |"
        self.say(line(head))
        self.say("|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|")
        for row in rows:
            self.say(line(row))
        self.say()

    def verdict(self, what, is_met, measured):
        if not is_met:
            self.failed.append(what)
        self.verdicts.append(f"- {'PASS' if is_met else 'FAIL'}: {what}: {measured}")
        print(self.verdicts[-1], flush=True)

    def write(self, path):
        """Writes what was printed, verdicts last."""
        with open(path, "w") as out:
            out.write("\n".join(self.lines + self.verdicts) + "\n")
