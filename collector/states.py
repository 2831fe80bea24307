"""What all have in common that mask a secret over several lines."""

_MOST_LINES = 1000


class State(object):
    """What is common: it is over after too many lines."""

    over = False
    seen = 0

    def mask(self, masker, line):
        """The line as it may be shown; sets `over` when no more lines belong to the secret."""
        self.seen += 1
        if self.seen > _MOST_LINES:
            self.over = True
            return masker.line(line)
        return self._mask(masker, line)

    def rest(self, masker):
        """What was held back until the end."""
        return b""
