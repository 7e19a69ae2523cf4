import * as React from 'react';

interface Props { title: string }

export function Panel({ title }: Props) {
  return <Box onClick={() => check(title)}>{title}</Box>;
}

export class View extends React.Component<Props> {
  render() { return <Panel title="x" />; }
}
