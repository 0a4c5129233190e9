"""The policy pack: what no environment may contain, as pure rules over the resources that a program plans."""
